/** An answer: being written with its phases, or ended with what became of it. */
import { Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlayerTrackNext } from '@tabler/icons-react';
import { useDeferredValue, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppErrorReport } from '../../../preload/contract/errors.ts';
import { Markdown } from '../../ui/markdown/markdown.tsx';
import { failureSentence } from '../../ui/show-failure.ts';
import { AnswerBoxes } from './answer-boxes.tsx';
import { AnswerStatistics } from './answer-statistics.tsx';
import css from './chat.module.css';
import { type AnswerBox, type PictureOfQuestion, readGroundedAnswer } from './grounded-answer.ts';
import { textOf } from './live-answers.ts';
import { MessageActions, type MessageActionsProps } from './message-actions.tsx';
import { PhaseLine } from './phase-line.tsx';
import { SpokenAnswer } from './spoken-answer.tsx';
import { useLiveAnswer } from './use-live-answer.ts';

interface AnswerProps extends MessageActionsProps {
  error: AppErrorReport | null;
  /** What its boxes lie on. */
  picture: PictureOfQuestion | null;
  onOpenBoxes(picture: PictureOfQuestion, boxes: readonly AnswerBox[]): void;
}

export function Answer({ error, picture, onOpenBoxes, ...actions }: AnswerProps) {
  const { t } = useTranslation('chat');
  const { message, onContinue } = actions;
  const live = useLiveAnswer(message.id);
  const { written, isWriting } = useWhenIdle(live?.text ?? textOf(message), message.state === 'streaming');
  const cut = picture?.cut ?? null;
  const { text, boxes } = useMemo(
    () => readGroundedAnswer({ id: message.id, text: written, isGrowing: isWriting }, cut),
    [message.id, written, isWriting, cut],
  );
  return (
    <article className={css.answer} aria-label={t('answer.label')} aria-busy={isWriting}>
      {picture && boxes.length > 0 && (
        <AnswerBoxes picture={picture} boxes={boxes} onOpen={() => onOpenBoxes(picture, boxes)} />
      )}
      <Markdown text={text} isGrowing={isWriting} />
      {isWriting && live?.phase?.name !== 'writing' && <PhaseLine phase={live?.phase ?? null} />}
      {isWriting && <SpokenAnswer text={text} />}
      {!isWriting && text === '' && message.state === 'complete' && (
        <Text c="dimmed" fs="italic">
          {t('answer.empty')}
        </Text>
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
