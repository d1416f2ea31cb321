/** The 4-bit formulas of other engines as plain reference quantisers: float weights in, the weights they stand for out. */

/** Replaces each block of `blockSize` values along a row by what the quantiser keeps of it. */
export type Quantise = (values: Float32Array) => Float32Array;

/**
 * 4-bit round-to-nearest of onnxruntime-genai's model builder, symmetric as it is by default.
 * Source: microsoft/onnxruntime:onnxruntime/core/mlas/lib/q4_dq.cpp (`BlockwiseQuantizer`, range2scale without zero
 * point): scale = the extreme value / −8, values rounded to nearest and clamped to 0 … 15 around 8.
 */
export function genaiRoundToNearest(blockSize: number): Quantise {
  return perBlock(blockSize, (block) => {
    const [low, high] = [Math.min(0, ...block), Math.max(0, ...block)];
    const scale = (high > -low ? high : low) / -8;
    const inverse = scale === 0 ? 0 : Math.fround(1 / Math.fround(scale));
    return block.map((x) => clamp(Math.floor(Math.fround(Math.fround(x * inverse) + 8) + 0.5) - 8, -8, 7) * Math.fround(scale));
  });
}

/**
 * llama.cpp's Q4_0: blocks of 32 with an fp16 scale, 4.5 bits a weight.
 * Source: ggml-org/llama.cpp:ggml/src/ggml-quants.c (`quantize_row_q4_0_ref`, `dequantize_row_q4_0`).
 */
export const llamaQ40: Quantise = perBlock(32, (block) => {
  const scale = Math.fround(signedExtreme(block) / -8);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  const stored = Math.f16round(scale);
  return block.map((x) => (Math.min(15, Math.trunc(Math.fround(Math.fround(x * inverse) + 8.5))) - 8) * stored);
});

function perBlock(blockSize: number, quantise: (block: Float32Array) => Float32Array): Quantise {
  return (values) => {
    const out = new Float32Array(values.length);
    for (let start = 0; start < values.length; start += blockSize)
      out.set(quantise(values.subarray(start, start + blockSize)), start);
    return out;
  };
}

/** The value of largest magnitude, with its sign; the first of equals. */
function signedExtreme(block: Float32Array): number {
  let extreme = 0;
  for (const value of block) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  return extreme;
}

function clamp(x: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, x));
}

