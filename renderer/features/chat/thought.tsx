/** What the model thought before it answered: written in sight, folded once the answer begins, never lost. */
import { Collapse, Text, UnstyledButton } from '@mantine/core';
import { IconBulb, IconChevronRight } from '@tabler/icons-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Markdown } from '../../ui/markdown/markdown.tsx';
import css from './thought.module.css';

interface ThoughtProps {
  text: string;
  /** The answer is being written. */
  isWriting: boolean;
  /** The thought has not ended: it grows, or was cut off. */
  isOpen: boolean;
  /** Measured by the engine's clock; null while the answer is being written. */
  thinkingMs: number | null;
}

export function Thought({ text, isWriting, isOpen, thinkingMs }: ThoughtProps) {
  const { t, i18n } = useTranslation('chat');
  const isGrowing = isWriting && isOpen;
  const seenMs = useClock(isGrowing);
  const [chosen, setChosen] = useState<boolean | null>(null);
  const id = useId();
  // A thought that was cut off is all there is, so it stays in sight.
  const isShown = chosen ?? isOpen;
  const seconds = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 0 }).format(
    Math.max(1, Math.round((thinkingMs ?? seenMs) / 1000)),
  );
  const isKnown = thinkingMs !== null || seenMs > 0;
  const label = isGrowing
    ? t('thinking.now', { seconds })
    : isOpen
      ? t('thinking.cut')
      : isKnown
        ? t('thinking.done', { seconds })
        : t('thinking.label');
  return (
    <section className={css.thought} aria-label={t('thinking.label')} data-growing={isGrowing || undefined}>
      <UnstyledButton
        className={css.head}
        aria-expanded={isShown}
        aria-controls={id}
        onClick={() => setChosen(!isShown)}
      >
        <IconBulb size={16} aria-hidden />
        <Text span size="sm" className={css.label}>
          {label}
        </Text>
        <IconChevronRight size={14} aria-hidden className={css.arrow} data-shown={isShown || undefined} />
      </UnstyledButton>
      <Collapse expanded={isShown} id={id}>
        <div className={css.text}>
          <Markdown text={text.trim()} isGrowing={isGrowing} />
        </div>
      </Collapse>
    </section>
  );
}

/** Milliseconds since the thought was first seen growing, told every second, and kept when it ends. */
function useClock(isRunning: boolean): number {
  const startedAt = useRef<number | null>(null);
  const [elapsedMs, setElapsedMs] = useState(0);
  useEffect(() => {
    if (!isRunning) return;
    startedAt.current ??= performance.now();
    const tell = () => setElapsedMs(performance.now() - startedAt.current!);
    const timer = setInterval(tell, 1000);
    return () => {
      clearInterval(timer);
      tell();
    };
  }, [isRunning]);
  return elapsedMs;
}
