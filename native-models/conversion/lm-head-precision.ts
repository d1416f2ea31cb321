/** Chooses lm_head's precision by what it costs: 4 bits where the next-token distribution hardly notices, else 8. */
import { lmHeadParameter } from '../architectures/decoder.ts';
import { weighedAgain } from '../architectures/lm-head.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import { logSumExp } from '../inference/logprobs.ts';
import { createInt4Matrix, dequantiseInt4, quantiseRowsInt4 } from '../weights/quantise-int4.ts';
import type { FloatSource } from './float-source.ts';
import { matrixProduct } from './matrix-product.ts';

/**
 * Largest mean KL divergence, in nats, that 4 bits in lm_head may cost on the calibration text. int4 layers alone
 * cost about 0.05 (measured on Qwen2.5-0.5B); a tenth of that is lost in their noise.
 */
export const lmHeadKlLimit = 0.005;

/** Rows of lm_head multiplied at once. */
const rowsPerBlock = 8192;

export interface LmHeadChoice {
  precision: 'int8' | 'int4';
  /** Mean KL divergence of 4-bit against published lm_head, nats a position. */
  klDivergence: number;
  positions: number;
}

/**
 * Compares next-token distributions of a 4-bit lm_head, its likeliest tokens weighed again, with the published one on
 * real final states.
 * @param states final hidden states after the last norm, [positions, hidden]; hidden is a multiple of the int4 block
 */
export async function chooseLmHeadPrecision(job: {
  states: Float32Array;
  source: FloatSource;
  config: DecoderConfig;
  signal: AbortSignal;
}): Promise<LmHeadChoice> {
  const { hiddenSize: hidden, vocabularySize: vocabulary } = job.config;
  const positions = job.states.length / hidden;
  const parameter = lmHeadParameter(job.config);
  const product = await matrixProduct(hidden);
  const published = new Float32Array(positions * vocabulary);
  const rounded = new Float32Array(positions * vocabulary);
  try {
    for (let first = 0; first < vocabulary; first += rowsPerBlock) {
      job.signal.throwIfAborted();
      const count = Math.min(rowsPerBlock, vocabulary - first);
      const rows = await job.source.readRows(parameter.weight[0]!.source, [vocabulary, hidden], {
        first,
        count,
      });
      const block = createInt4Matrix(hidden, count);
      quantiseRowsInt4(block, rows, { firstRow: 0, inputs: hidden });
      placeColumns(published, await product.multiply(job.states, rows), { first, count, vocabulary });
      placeColumns(rounded, await product.multiply(job.states, dequantiseInt4(block)), {
        first,
        count,
        vocabulary,
      });
    }
  } finally {
    await product.close();
  }
  for (let start = 0; start < rounded.length; start += vocabulary)
    weighAgain(rounded.subarray(start, start + vocabulary), published.subarray(start, start + vocabulary));
  const klDivergence = meanKlDivergence(published, rounded, vocabulary);
  return { precision: klDivergence <= lmHeadKlLimit ? 'int4' : 'int8', klDivergence, positions };
}

/** As lm-head.ts does it, but for the rounding of 8 bits, which costs a hundredth of the limit. */
function weighAgain(rounded: Float32Array, published: Float32Array): void {
  const least = rounded.toSorted().at(-weighedAgain) ?? -Infinity; // at a tie some more
  for (let id = 0; id < rounded.length; id++) if (rounded[id]! >= least) rounded[id] = published[id]!;
}

/** Copies a block of logits [positions, count] into columns first … of [positions, vocabulary]. */
function placeColumns(
  target: Float32Array,
  block: Float32Array,
  { first, count, vocabulary }: { first: number; count: number; vocabulary: number },
): void {
  for (let row = 0; row * count < block.length; row++) {
    target.set(block.subarray(row * count, (row + 1) * count), row * vocabulary + first);
  }
}

/** Mean over rows of Σ p · (log p − log q) for logits of p and q, [rows, width] each; in nats. */
function meanKlDivergence(p: Float32Array, q: Float32Array, width: number): number {
  let total = 0;
  for (let start = 0; start < p.length; start += width) {
    const rowP = p.subarray(start, start + width);
    const rowQ = q.subarray(start, start + width);
    const normP = logSumExp(rowP);
    const normQ = logSumExp(rowQ);
    for (let i = 0; i < width; i++) {
      const logP = rowP[i]! - normP;
      total += Math.exp(logP) * (logP - (rowQ[i]! - normQ));
    }
  }
  return (total * width) / p.length;
}
