/** Reads a growing answer to a screen reader, sentence by sentence and each once. */
import { useEffect, useRef, useState } from 'react';
import { endOfSentences } from './whole-sentences.ts';

export function SpokenAnswer({ text }: { text: string }) {
  const spoken = useRef(0);
  const [sentences, setSentences] = useState('');
  useEffect(() => {
    const end = endOfSentences(text);
    if (end <= spoken.current) return;
    setSentences(text.slice(spoken.current, end));
    spoken.current = end;
  }, [text]);
  return (
    <div className="visually-hidden" aria-live="polite" aria-atomic="true">
      {sentences}
    </div>
  );
}
