/** One answer as a server's pieces add up to it: thoughts in their tags, control tokens at its end taken off. */
import type { ChosenLogprob, GenerationOptions, StopReason } from '../inference/generation-types.ts';
import { createStopStringFilter } from '../inference/stopping.ts';
import type { AnswerChoice } from './wire-schema.ts';

/** Ends of a turn in the family's templates; servers that were asked to keep `<box>` may let them through. */
const endsOfTurn = ['<|im_end|>', '<|endoftext|>', '</s>', '<|im_start|>'];

export interface ServedAnswer {
  readonly text: string;
  readonly tokenIds: number[];
  /** Null until it has ended. */
  readonly stopReason: StopReason | null;
  /** Takes a piece; gives what of it is to be shown. */
  push(choice: AnswerChoice): { text: string; tokenIds: number[]; logprobs?: ChosenLogprob[] };
  /** Text held back until the end. */
  flush(): string;
}

/** @param asked which ends it may meet, and how many of the likeliest others are wanted beside each token */
export function createServedAnswer({ stopStrings = [], topLogprobs = 0 }: GenerationOptions): ServedAnswer {
  const filter = createStopStringFilter(endsOfTurn);
  const tokenIds: number[] = [];
  let text = '';
  let isThinking = false;
  let stopReason: StopReason | null = null;
  let hasTurnEnded = false;

  const show = (piece: string): string => {
    if (hasTurnEnded || piece === '') return '';
    const { text: shown, stopped } = filter.push(piece);
    hasTurnEnded = stopped;
    text += shown;
    return shown;
  };
  /** A server that sends thoughts apart from the answer took their tags away. */
  const withTags = ({ delta }: AnswerChoice): string => {
    const thought = delta?.reasoning ?? delta?.reasoning_content ?? '';
    const said = delta?.content ?? '';
    const opens = thought !== '' && !isThinking;
    const closes = said !== '' && (isThinking || opens);
    isThinking = closes ? false : isThinking || opens;
    return `${opens ? '<think>\n' : ''}${thought}${closes ? '\n</think>\n\n' : ''}${said}`;
  };

  return {
    get text() {
      return text;
    },
    tokenIds,
    get stopReason() {
      return stopReason;
    },
    push(choice) {
      const ids = choice.token_ids ?? choice.output_ids ?? [];
      tokenIds.push(...ids);
      const logprobs = logprobsOf(choice, { ids, topLogprobs });
      const shown = show(withTags(choice));
      if (choice.finish_reason) stopReason = reasonOf(choice, stopStrings);
      return { text: shown, tokenIds: ids, ...(logprobs && { logprobs }) };
    },
    flush() {
      if (hasTurnEnded) return '';
      const rest = filter.flush();
      text += rest;
      return rest;
    },
  };
}

function reasonOf(choice: AnswerChoice, stopStrings: readonly string[]): StopReason {
  if (choice.finish_reason === 'length') return 'length';
  const met = choice.stop_reason ?? choice.matched_stop;
  return typeof met === 'string' && stopStrings.includes(met) ? 'stop-string' : 'eos';
}

/** Ids where the server gives one for each token; of the others next to it none is known. */
function logprobsOf(
  choice: AnswerChoice,
  { ids, topLogprobs }: { ids: readonly number[]; topLogprobs: number },
): ChosenLogprob[] | null {
  const content = choice.logprobs?.content;
  if (!content || content.length === 0) return null;
  const bytesOf = ({ token, bytes }: { token: string; bytes?: number[] | null | undefined }) =>
    bytes ?? [...new TextEncoder().encode(token)];
  return content.map((token, at) => ({
    ...(ids.length === content.length && { id: ids[at]! }),
    logprob: token.logprob,
    bytes: bytesOf(token),
    top: (token.top_logprobs ?? [])
      .slice(0, topLogprobs)
      .map((other) => ({ logprob: other.logprob, bytes: bytesOf(other) })),
  }));
}
