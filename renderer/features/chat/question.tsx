/** A person's question with its files. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import css from './chat.module.css';
import { textOf } from './live-answers.ts';
import { MessageActions, type MessageActionsProps } from './message-actions.tsx';
import { MessageFiles } from './message-files.tsx';
import { TaskBadge } from './task-badge.tsx';
import type { FilePart } from './tray.ts';

interface QuestionProps extends MessageActionsProps {
  onOpenFile(part: FilePart, place: { page: number | null; timeMs: number | null }): void;
}

export function Question({ onOpenFile, ...actions }: QuestionProps) {
  const { t } = useTranslation('chat');
  const text = textOf(actions.message);
  return (
    <article className={css.question} aria-label={t('question.label')}>
      {actions.message.task && <TaskBadge task={actions.message.task} />}
      <MessageFiles parts={actions.message.parts} onOpen={onOpenFile} />
      {text !== '' && (
        <Text className={css.bubble} dir="auto">
          {text}
        </Text>
      )}
      <MessageActions {...actions} />
    </article>
  );
}
