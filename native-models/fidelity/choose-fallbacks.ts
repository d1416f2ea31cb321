/** Which matrices are worth their bytes: ranked by measured gain, then as few of them as meet the target. */

/** A matrix that could be stored wider. */
export interface FallbackCandidate {
  /** The parameter's name. */
  name: string;
  precision: 'int8' | 'fp16';
  /** Noise that goes away with it; at most 0 where a wider form does no better. */
  gain: number;
  addedBytes: number;
}

/** The best gain per byte first, each matrix once, as long as they fit into the budget. */
export function rankFallbacks(
  candidates: readonly FallbackCandidate[],
  budgetBytes: number,
): FallbackCandidate[] {
  const ranked = candidates
    .filter(({ gain, addedBytes }) => gain > 0 && addedBytes > 0)
    .sort((a, b) => b.gain / b.addedBytes - a.gain / a.addedBytes);
  const chosen: FallbackCandidate[] = [];
  let leftBytes = budgetBytes;
  for (const candidate of ranked) {
    if (candidate.addedBytes > leftBytes || chosen.some(({ name }) => name === candidate.name)) continue;
    chosen.push(candidate);
    leftBytes -= candidate.addedBytes;
  }
  return chosen;
}

/** How many whole-model measurements `fewestThatMeet` takes at most. */
export function mostProbes(count: number): number {
  return count === 0 ? 0 : 1 + Math.ceil(Math.log2(count));
}

/**
 * Halves its way to the shortest beginning of the ranking that meets the target, each time measured on the whole model.
 * Where even all of it does not, all of it is taken if that is better than nothing.
 * @returns what is taken and its measurement; null where wider matrices don't help
 */
export async function fewestThatMeet<Measured>(
  ranked: readonly FallbackCandidate[],
  measure: (taken: readonly FallbackCandidate[]) => Promise<Measured>,
  is: { met: (measured: Measured) => boolean; better: (measured: Measured) => boolean },
): Promise<{ taken: readonly FallbackCandidate[]; measured: Measured } | null> {
  if (ranked.length === 0) return null;
  let best = { taken: ranked, measured: await measure(ranked) };
  if (!is.met(best.measured)) return is.better(best.measured) ? best : null;
  let [low, high] = [1, ranked.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const taken = ranked.slice(0, middle);
    const measured = await measure(taken);
    if (is.met(measured)) {
      best = { taken, measured };
      high = middle;
    } else low = middle + 1;
  }
  return best;
}
