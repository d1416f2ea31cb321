/** Chooses one answer's tokens: what may not be said, what was said before, the form it is held to, then the sampler. */
import type { FormatMatcher } from './answer-format.ts';
import type { GenerationParts } from './generate.ts';
import type { ChosenLogprob, GenerationOptions } from './generation-types.ts';
import { penaliseRepetition, suppressTokens } from './logits-processors.ts';
import { readLogprobs } from './logprobs.ts';
import { createRandom } from './random.ts';
import { sampleToken } from './sampler.ts';

export interface ChosenToken {
  id: number;
  /** Where they were asked for. */
  logprobs?: ChosenLogprob[];
}

export interface TokenChooser {
  /** Changes the logits [vocabulary] in place. @throws AppError `model_folder_broken` where they are no numbers */
  choose(logits: Float32Array): Promise<ChosenToken>;
  close(): void;
}

/** @throws AppError `invalid_request` for a form that an answer can't be held to */
export async function createTokenChooser(
  { tokenizer, suppressed, formats }: Pick<GenerationParts, 'tokenizer' | 'suppressed' | 'formats'>,
  options: GenerationOptions,
  promptIds: Iterable<number>,
): Promise<TokenChooser> {
  const random = createRandom(options.seed ?? 0);
  const penalty = options.repetitionPenalty ?? 1;
  const { topLogprobs } = options;
  const seen = new Set(promptIds);
  const choice = {
    temperature: options.temperature ?? 0,
    topK: options.topK ?? 0,
    topP: options.topP ?? 1,
    minP: options.minP ?? 0,
  };
  const form: FormatMatcher | null = options.answerFormat
    ? await (await formats()).startAnswer(options.answerFormat)
    : null;
  return {
    async choose(logits) {
      suppressTokens(logits, suppressed);
      const tell = topLogprobs === undefined ? null : readLogprobs(logits, topLogprobs, tokenizer);
      penaliseRepetition(logits, seen, penalty);
      await form?.maskLogits(logits);
      const id = sampleToken(logits, choice, random);
      if (!tokenizer.stopIds.includes(id)) form?.accept(id);
      seen.add(id);
      return { id, ...(tell && { logprobs: [tell(id)] }) };
    },
    close: () => form?.close(),
  };
}
