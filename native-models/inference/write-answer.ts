/** Writes one answer over a prompt that has been read: token after token until something ends it. */
import type { GenerationParts } from './generate.ts';
import type { GenerationClock } from './generation-clock.ts';
import type { GenerationEvent } from './generation-types.ts';
import type { GrowingAnswer } from './growing-answer.ts';
import { appendToken, type Sequence } from './sequence.ts';
import { createAnswerSteps } from './speculation.ts';
import type { TokenChooser } from './token-chooser.ts';

/** One of the answers asked for. */
export interface OpenAnswer {
  /** Its number where several were asked for; goes into every event. */
  choice: { choice?: number };
  answer: GrowingAnswer;
  chooser: TokenChooser;
  maxNewTokens: number;
  clock: GenerationClock;
  /** δ, where the prompt holds pictures. */
  placed: { visualPositionStep?: number };
}

/**
 * @param read.sequence the prompt, or a fork of it; grows by what is said
 * @param read.logits [vocabulary] after the prompt; changed in place
 */
export async function* writeAnswer(
  parts: GenerationParts,
  open: OpenAnswer,
  { sequence, logits: first, signal }: { sequence: Sequence; logits: Float32Array; signal: AbortSignal },
): AsyncGenerator<GenerationEvent, void, void> {
  const { choice, answer, chooser, maxNewTokens, clock } = open;
  const endWriting = parts.turns.beginWriting();
  const steps = createAnswerSteps(parts, sequence, signal);
  let logits = first;
  try {
    for (let count = 0; ; count++) {
      const { id, logprobs } = await chooser.choose(logits);
      if (count === 0) clock.markFirstToken();
      if (parts.tokenizer.stopIds.includes(id)) {
        answer.stopReason = 'eos';
        break;
      }
      appendToken(sequence, id);
      yield { type: 'text', ...choice, text: answer.push(id), tokenIds: [id], ...(logprobs && { logprobs }) };
      if (answer.stopReason) break;
      if (count + 1 >= maxNewTokens) {
        answer.stopReason = 'length';
        break;
      }
      logits = await steps.next(maxNewTokens - count - 2);
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    answer.stopReason = 'aborted';
  } finally {
    steps.end();
    endWriting();
  }
  yield* endAnswer(open);
}

/** What was held back, and the one `end` event. */
export function* endAnswer({
  choice,
  answer,
  clock,
  placed,
}: OpenAnswer): Generator<GenerationEvent, void, void> {
  const rest = answer.flush();
  if (rest) yield { type: 'text', ...choice, text: rest, tokenIds: [] };
  yield {
    type: 'end',
    ...choice,
    stopReason: answer.stopReason!,
    text: answer.text,
    tokenIds: answer.tokenIds,
    timings: clock.timings(answer.tokenIds.length),
    ...placed,
  };
}
