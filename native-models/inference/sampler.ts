/** Chooses the next token from logits: greedily, or by chance within the limits the person set. */

import { AppError } from '../../preload/contract/errors.ts';
import { bucketWeights } from './weight-buckets.ts';

/** How to choose; all numbers as GenerationOptions documents them. */
export interface SamplingChoice {
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
}

/** Index of the largest logit, the first of equals; of the first NaN where there is one. */
export function argMax(logits: Float32Array): number {
  let best = 0;
  let peak = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    if (logit <= peak) continue; // the one comparison that almost all need
    if (Number.isNaN(logit)) return i;
    best = i;
    peak = logit;
  }
  return best;
}

/**
 * Draws a token. Order of the limits as in transformers: temperature, top-k, top-p, min-p; of equally likely tokens at
 * a limit all stay. Milliseconds of a core are in docs/speed.md (`npm run bench -- sampler`).
 * @param random uniform numbers in [0, 1)
 * @throws AppError `model_folder_broken` where the logits are no numbers
 */
export function sampleToken(logits: Float32Array, choice: SamplingChoice, random: () => number): number {
  const { temperature, topK, topP, minP } = choice;
  const best = argMax(logits);
  const peak = logits[best]!;
  if (!Number.isFinite(peak)) throw notNumbers();
  if (temperature <= 0) return best;
  const buckets = bucketWeights(logits, peak, temperature);
  let limit = topK > 0 ? buckets.placeOfCount(topK) : Number.POSITIVE_INFINITY;
  if (topP < 1) limit = buckets.placeOfShare(topP, limit);
  if (minP > 0) limit = Math.min(limit, buckets.placeOfWeight(minP));
  return buckets.draw(random(), limit);
}

/** Else a damaged model would say its first token for ever. */
function notNumbers(): AppError {
  return new AppError(
    'model_folder_broken',
    'The model computes values that are no numbers. Convert the checkpoint again, or get it again.',
  );
}
