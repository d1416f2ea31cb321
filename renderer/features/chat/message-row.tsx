/** One message of the list; it redraws only when something of its own has changed. */
import { Divider } from '@mantine/core';
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { AppErrorReport } from '../../../preload/contract/errors.ts';
import { Answer } from './answer.tsx';
import { type AnswerBox, firstPicture, type PictureOfQuestion } from './grounded-answer.ts';
import type { MessageActionsProps } from './message-actions.tsx';
import type { Asked } from './named-places.ts';
import { Question } from './question.tsx';
import type { FilePart } from './tray.ts';

export interface MessageListActions extends Omit<MessageActionsProps, 'message'> {
  onOpenFile(part: FilePart, place: { page: number | null; timeMs: number | null }): void;
  onOpenBoxes(picture: PictureOfQuestion, boxes: readonly AnswerBox[]): void;
}

interface MessageRowProps {
  message: Message;
  asked: Asked;
  error: AppErrorReport | null;
  /** Messages before this one that the context had no room for. */
  droppedMessages: number;
  actions: MessageListActions;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, asked, error, droppedMessages, actions } = props;
  const { t } = useTranslation('chat');
  const { onOpenFile, onOpenBoxes, ...others } = actions;
  const picture = useMemo(() => firstPicture(asked.parts), [asked.parts]);
  return (
    <>
      {droppedMessages > 0 && <Divider my="md" label={t('list.dropped', { count: droppedMessages })} />}
      {message.role === 'user' ? (
        <Question {...others} message={message} onOpenFile={onOpenFile} />
      ) : (
        <Answer
          {...others}
          message={message}
          error={error}
          asked={asked}
          picture={picture}
          onOpenFile={onOpenFile}
          onOpenBoxes={onOpenBoxes}
        />
      )}
    </>
  );
});
