/** Chooses the next token from logits: greedily, or by chance within the limits the person set. */

import { AppError } from '../../preload/contract/errors.ts';

/** How to choose; all numbers as GenerationOptions documents them. */
export interface SamplingChoice {
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
}

/** Index of the largest logit; the first of equals. A NaN is never it, unless it comes first. */
export function argMax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/**
 * Draws a token. Order of the limits as in transformers: temperature, top-k, top-p, min-p.
 * @param random uniform numbers in [0, 1)
 * @throws AppError `model_folder_broken` where the logits are no numbers
 */
export function sampleToken(logits: Float32Array, choice: SamplingChoice, random: () => number): number {
  const best = argMax(logits);
  if (!Number.isFinite(logits[best])) throw notNumbers();
  if (choice.temperature <= 0) return best;
  const candidates = likeliest(logits, choice);
  const kept = keepMinP(keepTopP(candidates, choice.topP), choice.minP);
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  let remaining = random() * total;
  for (const { id, weight } of kept) {
    remaining -= weight;
    if (remaining < 0) return id;
  }
  return kept.at(-1)!.id;
}

/** Else a damaged model would say its first token for ever. */
function notNumbers(): AppError {
  return new AppError(
    'model_folder_broken',
    'The model computes values that are no numbers. Convert the checkpoint again, or get it again.',
  );
}

/** A token with its unnormalised probability. */
interface Candidate {
  id: number;
  weight: number;
}

/** Weights below this share of the largest can't change a draw of 32 random bits, so they are not sorted. */
const negligibleShare = 2 ** -33;

/** Candidates by falling weight, the k first where k > 0. */
function likeliest(logits: Float32Array, { temperature, topK }: SamplingChoice): Candidate[] {
  const peak = logits[argMax(logits)]!;
  const floor = peak + temperature * Math.log(negligibleShare);
  const candidates: Candidate[] = [];
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit >= floor) candidates.push({ id, weight: Math.exp((logit - peak) / temperature) });
  }
  candidates.sort((a, b) => b.weight - a.weight || a.id - b.id);
  return topK > 0 ? candidates.slice(0, topK) : candidates;
}

/** The smallest head of the list whose weights reach the share p. */
function keepTopP(candidates: Candidate[], topP: number): Candidate[] {
  if (topP >= 1) return candidates;
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  const last = candidates.findIndex(({ weight }) => {
    reached += weight;
    return reached >= topP * total;
  });
  return last < 0 ? candidates : candidates.slice(0, last + 1);
}

function keepMinP(candidates: Candidate[], minP: number): Candidate[] {
  const floor = minP * candidates[0]!.weight;
  return candidates.filter(({ weight }) => weight >= floor);
}
