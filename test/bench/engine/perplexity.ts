/** Perplexity by llama-perplexity's rule, so that figures of different engines are of the same thing. */
import type { GenerationParts } from '../../../native-models/inference/generate.ts';
import { logSumExp } from '../../../native-models/inference/logprobs.ts';

/** Tokens of a window; what is measured is the second half of each, with the first in front. */
export const windowTokens = 256;

/** Rows whose logits come back in one run: 151,674 wide they are 600 KB each. */
const rowsPerRun = 32;

/**
 * exp of the mean negative log-likelihood of each window's second half
 * (llama.cpp: tools/perplexity/perplexity.cpp, `first = n_ctx / 2`).
 */
export async function windowPerplexity(parts: GenerationParts, text: string): Promise<number> {
  const ids = parts.tokenizer.encodeText(text);
  let sum = 0;
  let count = 0;
  for (let start = 0; start + windowTokens <= ids.length; start += windowTokens) {
    const window = ids.slice(start, start + windowTokens);
    for (const nats of await surprisals(parts, Array.from(window))) {
      sum += nats;
      count++;
    }
  }
  if (count === 0) throw new Error(`The text for perplexity has fewer than ${windowTokens} tokens.`);
  return Math.exp(sum / count);
}

/** −ln p of each token from the middle of a window on, given those before it. */
async function surprisals({ decoder, embedder }: GenerationParts, ids: number[]): Promise<number[]> {
  const cache = decoder.createCache();
  cache.reserve(ids.length);
  const found: number[] = [];
  for (let first = 0; first < ids.length - 1; first += rowsPerRun) {
    const given = ids.slice(first, Math.min(first + rowsPerRun, ids.length - 1));
    const hidden = new Float32Array(given.length * embedder.width);
    for (const [row, id] of given.entries()) embedder.embed(id, hidden, row * embedder.width);
    const asked = given.map((_, row) => row).filter((row) => first + row >= windowTokens / 2);
    const positions = Float32Array.from(given, (_, row) => first + row);
    const logits = await decoder.run({ hidden, positions, cache, logitRows: asked });
    const width = decoder.config.vocabularySize;
    for (const [at, row] of asked.entries()) {
      const own = logits.subarray(at * width, (at + 1) * width);
      found.push(logSumExp(own) - own[ids[first + row + 1]!]!);
    }
  }
  return found;
}
