/** How sure a score is, and whether one model is really better than another on the same questions. */
import { createRandom } from '../inference/random.ts';

export interface Interval {
  mean: number;
  low: number;
  high: number;
}

const draws = 2000;

/** Mean of scores with its 95 % interval, by bootstrap with a fixed seed. Empty: all zero. */
export function meanInterval(scores: readonly number[], seed = 1): Interval {
  if (scores.length === 0) return { mean: 0, low: 0, high: 0 };
  const random = createRandom(seed);
  const means = Array.from({ length: draws }, () => {
    let sum = 0;
    for (let i = 0; i < scores.length; i++) sum += scores[Math.floor(random() * scores.length)]!;
    return sum / scores.length;
  }).sort((a, b) => a - b);
  return {
    mean: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    low: means[Math.floor(draws * 0.025)]!,
    high: means[Math.ceil(draws * 0.975) - 1]!,
  };
}

/** Mean difference `left − right` over the same questions; the pairing makes it much narrower than two intervals. */
export function differenceInterval(left: readonly number[], right: readonly number[], seed = 1): Interval {
  if (left.length !== right.length) throw new RangeError('both models must have answered the same questions');
  return meanInterval(
    left.map((score, i) => score - right[i]!),
    seed,
  );
}
