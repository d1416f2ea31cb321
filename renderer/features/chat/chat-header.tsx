/** What stands above a conversation: its title, whether it is temporary, and the way to how it is answered. */
import { ActionIcon, Badge, Text, Tooltip } from '@mantine/core';
import { IconAdjustmentsHorizontal } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import css from './chat.module.css';

interface ChatHeaderProps {
  title: string;
  isTemporary: boolean;
  start: ReactNode;
  end: ReactNode;
  onOptions(): void;
}

export function ChatHeader({ title, isTemporary, start, end, onOptions }: ChatHeaderProps) {
  const { t } = useTranslation('chat');
  return (
    <header className={css.header}>
      {start}
      <Text className={css.title} truncate fw={600} component="h1" fz="md" m={0} title={title}>
        {title || t('title.new')}
      </Text>
      {isTemporary && (
        <Tooltip label={t('title.temporaryText')}>
          <Badge variant="outline" color="gray" tt="none" style={{ flex: 'none' }}>
            {t('title.temporary')}
          </Badge>
        </Tooltip>
      )}
      {end}
      <Tooltip label={t('options.title')}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t('options.title')}
          onClick={onOptions}
        >
          <IconAdjustmentsHorizontal size={18} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}
