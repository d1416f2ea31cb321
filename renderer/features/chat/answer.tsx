/** An answer: being written with its phases, or ended with what became of it. */
import { Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlayerTrackNext } from '@tabler/icons-react';
import { useDeferredValue, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { splitThinking } from '../../../native-models/text/thinking-parser.ts';
import type { AppErrorReport } from '../../../preload/contract/errors.ts';
import { failureSentence } from '../../ui/show-failure.ts';
import { AnswerBody, type AnswerBodyProps } from './answer-body.tsx';
import { AnswerStatistics } from './answer-statistics.tsx';
import { Candidates } from './candidates.tsx';
import css from './chat.module.css';
import { textOf } from './live-answers.ts';
import { MessageActions, type MessageActionsProps } from './message-actions.tsx';
import { PhaseLine } from './phase-line.tsx';
import { pointableAttribute } from './selected-phrase.tsx';
import { SpokenAnswer } from './spoken-answer.tsx';
import { Thought } from './thought.tsx';
import { useLiveAnswer } from './use-live-answer.ts';

interface AnswerProps
  extends MessageActionsProps,
    Pick<AnswerBodyProps, 'asked' | 'picture' | 'onOpenFile' | 'onOpenBoxes'> {
  error: AppErrorReport | null;
}

export function Answer({ error, asked, picture, onOpenFile, onOpenBoxes, ...actions }: AnswerProps) {
  const { t } = useTranslation('chat');
  const { message, onContinue } = actions;
  const live = useLiveAnswer(message.id);
  const { written, isWriting } = useWhenIdle(live?.text ?? textOf(message), message.state === 'streaming');
  const { thought, isOpen, answer } = useMemo(
    () => splitThinking(written, { isGrowing: isWriting }),
    [written, isWriting],
  );
  const pointable = picture && !isWriting ? { [pointableAttribute]: message.id } : {};
  return (
    <article className={css.answer} aria-label={t('answer.label')} aria-busy={isWriting} {...pointable}>
      {live?.candidate && (
        <Text size="sm" c="dimmed">
          {t('candidates.writing', live.candidate)}
        </Text>
      )}
      {thought !== null && (
        <Thought
          text={thought}
          isWriting={isWriting}
          isOpen={isOpen}
          thinkingMs={isWriting ? null : (message.generation?.thinkingMs ?? null)}
        />
      )}
      <AnswerBody
        id={message.id}
        text={answer}
        isGrowing={isWriting}
        {...{ asked, picture, onOpenFile, onOpenBoxes }}
      />
      {isWriting && live?.phase?.name !== 'writing' && <PhaseLine phase={live?.phase ?? null} />}
      {isWriting && <SpokenAnswer text={answer} />}
      {!isWriting && written === '' && message.state === 'complete' && (
        <Text c="dimmed" fs="italic">
          {t('answer.empty')}
        </Text>
      )}
      {message.choice && !isWriting && (
        <Candidates
          conversationId={message.conversationId}
          choice={message.choice}
          shownId={message.id}
          onShowBranch={actions.onShowBranch}
        />
      )}
      <EndNote message={message} error={error} onContinue={() => onContinue(message.id)} />
      {!isWriting && (
        <Group gap="xs" className={css.footer}>
          <MessageActions {...actions} />
          {message.generation && <AnswerStatistics generation={message.generation} />}
        </Group>
      )}
    </article>
  );
}

/** While it is written an answer is drawn between other work and in slices, however fast the words come. */
function useWhenIdle(written: string, isWriting: boolean) {
  const newest = useMemo(() => ({ written, isWriting }), [written, isWriting]);
  return useDeferredValue(newest, isWriting ? beforeFirstWord : newest);
}

const beforeFirstWord = { written: '', isWriting: true };

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
    <Group gap="sm" wrap="nowrap" className={css.endNote} role={error ? 'alert' : 'note'}>
      <IconAlertTriangle size={16} aria-hidden style={{ flex: 'none' }} />
      <Text size="sm">{why}</Text>
      <Button
        size="compact-sm"
        variant="default"
        style={{ flex: 'none' }}
        leftSection={<IconPlayerTrackNext size={14} className="flip-in-rtl" />}
        onClick={onContinue}
      >
        {t('action.continue')}
      </Button>
    </Group>
  );
}
