/** The answer as it grows: tokens, the text that is safe to show, and why it ended. */
import { createStreamingDetokenizer } from '../text/streaming-detokenizer.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { StopReason } from './generation-types.ts';
import { createStopStringFilter } from './stopping.ts';

export interface GrowingAnswer {
  readonly tokenIds: number[];
  /** All text shown so far. */
  readonly text: string;
  /** Set by `push` and `flush` where a stop string was met, else by the caller. */
  stopReason: StopReason | undefined;
  /** Takes the next token; gives the text that it makes safe to show. */
  push(id: number): string;
  /** Text held back until the end: half a character as U+FFFD, and what only began like a stop string. */
  flush(): string;
}

/**
 * @param stopStrings default none
 * @param options.dropsFirstBlank as the detokenizer's
 */
export function createGrowingAnswer(
  tokenizer: Pick<Tokenizer, 'tokenBytes'>,
  stopStrings: readonly string[] = [],
  options: { dropsFirstBlank?: boolean } = {},
): GrowingAnswer {
  const detokenizer = createStreamingDetokenizer(tokenizer, options);
  const filter = createStopStringFilter(stopStrings);
  const answer = {
    tokenIds: [] as number[],
    text: '',
    stopReason: undefined as StopReason | undefined,
    push(id: number): string {
      answer.tokenIds.push(id);
      return show(filter.push(detokenizer.push(id)));
    },
    flush(): string {
      if (answer.stopReason === 'stop-string') return '';
      const rest = show(filter.push(detokenizer.flush()));
      return rest + show({ text: filter.flush(), stopped: false });
    },
  };
  const show = ({ text, stopped }: { text: string; stopped: boolean }) => {
    if (stopped) answer.stopReason = 'stop-string';
    answer.text += text;
    return text;
  };
  return answer;
}
