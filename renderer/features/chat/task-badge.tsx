/** What a question asks for besides words. */
import { Badge, CloseButton } from '@mantine/core';
import { IconClick, IconFocusCentered, IconListDetails } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Task } from '../../../preload/contract/tasks.ts';
import css from './chat.module.css';

const icons = { agent: IconClick, grounding: IconFocusCentered, extraction: IconListDetails };

/** @param props.onRemove absent where it stands already */
export function TaskBadge({ task, onRemove }: { task: Task; onRemove?: () => void }) {
  const { t } = useTranslation('chat');
  const Icon = icons[task.type];
  const label = t(`task.${task.type}`, { name: task.type === 'extraction' ? task.name : '' });
  return (
    <Badge
      variant="outline"
      color="gray"
      tt="none"
      size="lg"
      className={css.taskBadge}
      leftSection={<Icon size={14} aria-hidden />}
      rightSection={
        onRemove && (
          <CloseButton size="xs" radius="xl" aria-label={t('task.remove', { label })} onClick={onRemove} />
        )
      }
    >
      {label}
    </Badge>
  );
}
