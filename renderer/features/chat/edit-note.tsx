/** Says above the composer that it holds an earlier question. */
import { Button, Text } from '@mantine/core';
import { IconPencil, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import css from './chat.module.css';

export function EditNote({ onEnd }: { onEnd(): void }) {
  const { t } = useTranslation('chat');
  return (
    <div className={css.editNote} role="status">
      <IconPencil size={16} aria-hidden />
      <Text size="sm" flex={1}>
        {t('edit.question')}
      </Text>
      <Button size="compact-sm" variant="default" leftSection={<IconX size={14} />} onClick={onEnd}>
        {t('cancel')}
      </Button>
    </div>
  );
}
