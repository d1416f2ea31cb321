/** How far next-token distributions and visual tokens lie from the reference's. */
import { logSumExp } from '../inference/logprobs.ts';
import { argMax } from '../inference/sampler.ts';

/** Sums over positions; `summarise` turns them into figures. */
export interface LogitTally {
  positions: number;
  agreements: number;
  klSum: number;
  referenceLossSum: number;
  lossSum: number;
}

export interface LogitFidelity {
  positions: number;
  /** Share of positions where both would say the same token. */
  topOneAgreement: number;
  /** Mean KL divergence of the model from the reference, nats a position. */
  klDivergence: number;
  /** Of the text that was read. */
  referencePerplexity: number;
  perplexity: number;
}

export interface VisionFidelity {
  visualTokens: number;
  cosineMean: number;
  cosineMin: number;
}

export function emptyTally(): LogitTally {
  return { positions: 0, agreements: 0, klSum: 0, referenceLossSum: 0, lossSum: 0 };
}

/** Adds one position: logits [vocabulary] of both, and the token that really follows. */
export function addPosition(
  tally: LogitTally,
  { reference, model, next }: { reference: Float32Array; model: Float32Array; next: number },
): void {
  const referenceSum = logSumExp(reference);
  const modelSum = logSumExp(model);
  let kl = 0;
  for (let i = 0; i < reference.length; i++) {
    const logP = reference[i]! - referenceSum;
    kl += Math.exp(logP) * (logP - (model[i]! - modelSum));
  }
  tally.positions += 1;
  tally.agreements += argMax(reference) === argMax(model) ? 1 : 0;
  tally.klSum += Math.max(0, kl);
  tally.referenceLossSum += referenceSum - reference[next]!;
  tally.lossSum += modelSum - model[next]!;
}

export function summarise(tally: LogitTally): LogitFidelity {
  const { positions, agreements, klSum, referenceLossSum, lossSum } = tally;
  return {
    positions,
    topOneAgreement: agreements / positions,
    klDivergence: klSum / positions,
    referencePerplexity: Math.exp(referenceLossSum / positions),
    perplexity: Math.exp(lossSum / positions),
  };
}

/** Cosine of each visual token with the reference's; tiles [tokens, width] each. */
export function compareVisualTokens(
  reference: readonly Float32Array[],
  model: readonly Float32Array[],
  width: number,
): VisionFidelity {
  let sum = 0;
  let cosineMin = 1;
  let visualTokens = 0;
  for (const [tile, expected] of reference.entries()) {
    for (let start = 0; start < expected.length; start += width) {
      const cosine = cosineOf(
        expected.subarray(start, start + width),
        model[tile]!.subarray(start, start + width),
      );
      sum += cosine;
      cosineMin = Math.min(cosineMin, cosine);
      visualTokens += 1;
    }
  }
  return { visualTokens, cosineMean: sum / visualTokens, cosineMin };
}

/** −1 … 1; two zero vectors are equal, a zero one is like nothing else. */
function cosineOf(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  if (aa === 0 && bb === 0) return 1;
  return aa * bb === 0 ? 0 : Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)));
}
