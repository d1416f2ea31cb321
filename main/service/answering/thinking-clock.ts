/** How long an answer thinks, by the words that come. */
import { createThinkingParser } from '../../../native-models/process/answer-texts.ts';

export interface ThinkingClock {
  hear(text: string): void;
  /** So far; null where the answer begins with no thought. */
  thinkingMs(): number | null;
}

/** @param saidBefore what an answer that is gone on with has said already; that time is not counted again */
export function startThinkingClock(
  saidBefore: string,
  now: () => number = () => performance.now(),
): ThinkingClock {
  const parser = createThinkingParser();
  parser.push(saidBefore);
  let startedAt: number | null = parser.isOpen ? now() : null;
  let endedAt: number | null = null;
  return {
    hear(text) {
      if (endedAt !== null) return;
      const hasBegun = parser.push(text).some(({ type }) => type === 'thought') || parser.isOpen;
      if (hasBegun) startedAt ??= now();
      if (startedAt !== null && !parser.isOpen) endedAt = now();
    },
    thinkingMs: () => (startedAt === null ? null : (endedAt ?? now()) - startedAt),
  };
}
