/** Words of an answer that a person has marked can be asked for on the picture. */
import { Button, Portal } from '@mantine/core';
import { IconFocusCentered } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type MessageId, messageIdSchema } from '../../../preload/contract/ids.ts';
import css from './chat.module.css';

interface Marked {
  answerId: MessageId;
  phrase: string;
  /** Middle and lower edge of the marked words in the window. */
  x: number;
  y: number;
}

const longestPhrase = 300;
/** Half of the button's width in the longest language, so that all of it stays in the window. */
const halfButtonPx = 90;

/** The attribute that an answer with a picture to point at carries, holding its id. */
export const pointableAttribute = 'data-pointable';

export function SelectedPhrase({ onShowWhere }: { onShowWhere(answer: MessageId, phrase: string): void }) {
  const { t } = useTranslation('chat');
  const marked = useMarkedWords();
  if (!marked) return null;
  return (
    <Portal>
      <Button
        className={css.showWhere}
        style={{ left: marked.x, top: marked.y + 8 }}
        size="compact-sm"
        leftSection={<IconFocusCentered size={15} aria-hidden />}
        // The words would lose their mark before the click.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => {
          document.getSelection()?.removeAllRanges();
          onShowWhere(marked.answerId, marked.phrase);
        }}
      >
        {t('grounding.show')}
      </Button>
    </Portal>
  );
}

function useMarkedWords(): Marked | null {
  const [marked, setMarked] = useState<Marked | null>(null);
  useEffect(() => {
    const look = () => setMarked(readSelection());
    document.addEventListener('selectionchange', look);
    document.addEventListener('scroll', look, true);
    return () => {
      document.removeEventListener('selectionchange', look);
      document.removeEventListener('scroll', look, true);
    };
  }, []);
  return marked;
}

function readSelection(): Marked | null {
  const selection = document.getSelection();
  const phrase = selection?.toString().replaceAll(/\s+/g, ' ').trim() ?? '';
  if (!selection || phrase === '' || phrase.length > longestPhrase) return null;
  const range = selection.getRangeAt(0);
  const within = range.commonAncestorContainer;
  const element = within instanceof Element ? within : within.parentElement;
  const answer = element?.closest(`[${pointableAttribute}]`);
  const answerId = messageIdSchema.safeParse(answer?.getAttribute(pointableAttribute)).data;
  if (answerId === undefined) return null;
  const { left, width, bottom } = range.getBoundingClientRect();
  const middle = left + width / 2;
  const x = Math.min(Math.max(middle, halfButtonPx), window.innerWidth - halfButtonPx);
  return { answerId, phrase, x, y: bottom };
}
