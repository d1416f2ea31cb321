/** An answer: being written with its phases, or ended with what became of it. */
import { Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlayerTrackNext } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AppErrorReport } from '../../../preload/contract/errors.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import { Markdown } from '../../ui/markdown/markdown.tsx';
import { failureSentence } from '../../ui/show-failure.ts';
import { AnswerStatistics } from './answer-statistics.tsx';
import css from './chat.module.css';
import { textOf } from './live-answers.ts';
import { MessageActions, type MessageActionsProps } from './message-actions.tsx';
import { PhaseLine } from './phase-line.tsx';
import { SpokenAnswer } from './spoken-answer.tsx';
import { useLiveAnswer } from './use-live-answer.ts';

interface AnswerProps extends MessageActionsProps {
  error: AppErrorReport | null;
}

export function Answer({ error, ...actions }: AnswerProps) {
  const { t } = useTranslation('chat');
  const { message, onContinue } = actions;
  const live = useLiveAnswer(message.id);
  const isWriting = message.state === 'streaming';
  const text = live?.text ?? textOf(message);
  return (
    <article className={css.answer} aria-label={t('answer.label')} aria-busy={isWriting}>
      <Markdown text={text} isGrowing={isWriting} />
      {isWriting && live?.phase?.name !== 'writing' && <PhaseLine phase={live?.phase ?? null} />}
      {isWriting && <SpokenAnswer text={text} />}
      {!isWriting && text === '' && message.state === 'complete' && (
        <Text c="dimmed" fs="italic">
          {t('answer.empty')}
        </Text>
      )}
      <EndNote {...{ message, error }} onContinue={() => onContinue(message.id as MessageId)} />
      {!isWriting && (
        <Group gap="xs" className={css.footer}>
          <MessageActions {...actions} />
          {message.generation && <AnswerStatistics generation={message.generation} />}
        </Group>
      )}
    </article>
  );
}

/** Why an answer is not whole, and how to go on. */
function EndNote({
  message,
  error,
  onContinue,
}: Pick<AnswerProps, 'message' | 'error'> & { onContinue(): void }) {
  const { t } = useTranslation('chat');
  const isCut = message.generation?.stopReason === 'length' && message.state === 'complete';
  if (!isCut && (message.state === 'complete' || message.state === 'streaming')) return null;
  const why = error ? failureSentence(error) : t(isCut ? 'answer.length' : `answer.${message.state}`);
  return (
    <Group gap="sm" className={css.endNote} role={error ? 'alert' : 'note'}>
      <IconAlertTriangle size={16} aria-hidden />
      <Text size="sm">{why}</Text>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconPlayerTrackNext size={14} className="flip-in-rtl" />}
        onClick={onContinue}
      >
        {t('action.continue')}
      </Button>
    </Group>
  );
}
