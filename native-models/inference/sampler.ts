/** Chooses the next token from logits: greedily, or by chance within the limits the person set. */

import { AppError } from '../../preload/contract/errors.ts';

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
    if (logit > peak) {
      best = i;
      peak = logit;
    } else if (Number.isNaN(logit)) return i;
  }
  return best;
}

/**
 * Draws a token. Order of the limits as in transformers: temperature, top-k, top-p, min-p; of equally likely tokens at
 * a limit all stay. Sorting all candidates as objects took 160 to 210 ms of a core a token at 151,674 logits; counting
 * down to where enough stay and sorting only those takes 0.6 (min-p) to 3 (no limits), and 15 where top-p cuts a nearly
 * flat distribution (`npm run bench -- sampler`).
 * @param random uniform numbers in [0, 1)
 * @throws AppError `model_folder_broken` where the logits are no numbers
 */
export function sampleToken(logits: Float32Array, choice: SamplingChoice, random: () => number): number {
  const best = argMax(logits);
  if (!Number.isFinite(logits[best])) throw notNumbers();
  if (choice.temperature <= 0) return best;
  const { ids, weights } = likelyTokens(logits, logits[best]!, choice);
  const floor = Math.max(choice.minP, lowestKept(weights, choice));
  let remaining = random() * sumFrom(weights, floor);
  let drawn = best;
  for (let i = 0; i < ids.length; i++) {
    if (weights[i]! < floor) continue;
    drawn = ids[i]!;
    remaining -= weights[i]!;
    if (remaining < 0) break;
  }
  return drawn;
}

/** Else a damaged model would say its first token for ever. */
function notNumbers(): AppError {
  return new AppError(
    'model_folder_broken',
    'The model computes values that are no numbers. Convert the checkpoint again, or get it again.',
  );
}

/** Weights below this share of the largest can't change a draw of 32 random bits, so they are left out. */
const negligibleShare = 2 ** -33;

/** Tokens with their unnormalised probabilities, the likeliest one's being 1; by rising id. */
interface Candidates {
  ids: Int32Array;
  weights: Float64Array;
}

/** Tokens that the limits may let stay: those that are surely cut are left out before anything is computed of them. */
function likelyTokens(logits: Float32Array, peak: number, choice: SamplingChoice): Candidates {
  const { temperature } = choice;
  const floor = peak + temperature * Math.log(leastShare(logits, peak, choice));
  const count = countFrom(logits, floor);
  const ids = new Int32Array(count);
  const weights = new Float64Array(count);
  for (let id = 0, at = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit < floor) continue;
    ids[at] = id;
    weights[at++] = Math.exp((logit - peak) / temperature);
  }
  return { ids, weights };
}

/** A share of the likeliest token's probability below which no token can stay. */
function leastShare(
  logits: Float32Array,
  peak: number,
  { temperature, topK, topP, minP }: SamplingChoice,
): number {
  if (topK > 0) {
    for (let share = 0.1; share > negligibleShare; share /= 10) {
      if (countFrom(logits, peak + temperature * Math.log(share)) >= topK) return share;
    }
  }
  return topP >= 1 ? Math.max(minP, negligibleShare) : negligibleShare;
}

/** The least weight that top-k, and then top-p, let stay. */
function lowestKept(weights: Float64Array, { topK, topP }: SamplingChoice): number {
  let floor = 0;
  if (topK > 0 && topK < weights.length) {
    const head = fallingHead(weights, (_, count) => count >= topK);
    floor = head[topK - 1]!;
  }
  if (topP >= 1) return floor;
  const wanted = topP * sumFrom(weights, floor);
  const head = fallingHead(weights, (sum) => sum >= wanted);
  let reached = 0;
  for (const weight of head) {
    reached += weight;
    if (reached >= wanted) return Math.max(floor, weight);
  }
  return floor;
}

/** The largest weights in falling order: few where few are enough, all where none are. */
function fallingHead(weights: Float64Array, isEnough: (sum: number, count: number) => boolean): Float64Array {
  for (let share = 0.1; share > negligibleShare; share /= 10) {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i]! < share) continue;
      sum += weights[i]!;
      count += 1;
    }
    if (isEnough(sum, count))
      return weights
        .filter((weight) => weight >= share)
        .sort()
        .reverse();
  }
  return weights.slice().sort().reverse();
}

function countFrom(values: Float32Array, floor: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! >= floor) count += 1;
  return count;
}

function sumFrom(weights: Float64Array, floor: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i]! >= floor) sum += weights[i]!;
  return sum;
}
