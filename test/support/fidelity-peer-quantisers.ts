/** 4-bit formulas, other engines' and ours, as plain reference quantisers: float weights in, the weights they stand for out. */
import { chooseInt4Scale, roundToInt4 } from '../../native-models/weights/quantise-int4.ts';

/** Replaces each block of values along a row by what the quantiser keeps of it. */
export type Quantise = (values: Float32Array) => Float32Array;

/**
 * 4-bit round-to-nearest as onnxruntime-genai's model builder has it by default, symmetric; an fp32 scale a block.
 * Source: microsoft/onnxruntime:onnxruntime/core/mlas/lib/q4_dq.cpp (`range2scale`, `BlockwiseQuantizer`).
 */
export function genaiRoundToNearest(blockSize: number): Quantise {
  return perBlock(blockSize, (out, values, start) => {
    let [low, high] = [0, 0];
    for (let i = start; i < start + blockSize; i++) {
      low = Math.min(low, values[i]!);
      high = Math.max(high, values[i]!);
    }
    const scale = Math.fround((high > -low ? high : low) / -8);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    for (let i = start; i < start + blockSize; i++) {
      const stored = Math.floor(Math.fround(Math.fround(values[i]! * inverse) + 8) + 0.5);
      out[i] = (Math.max(0, Math.min(15, stored)) - 8) * scale;
    }
  });
}

/**
 * llama.cpp's Q4_0: blocks of 32 with an fp16 scale, 4.5 bits a weight.
 * Source: ggml-org/llama.cpp:ggml/src/ggml-quants.c (`quantize_row_q4_0_ref`, `dequantize_row_q4_0`).
 */
export const llamaQ40: Quantise = perBlock(32, (out, values, start) => {
  let extreme = 0;
  for (let i = start; i < start + 32; i++) if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!;
  const scale = Math.fround(extreme / -8);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  const stored = Math.f16round(scale);
  for (let i = start; i < start + 32; i++) {
    const quant = Math.min(15, Math.trunc(Math.fround(Math.fround(values[i]! * inverse) + 8.5)));
    out[i] = (quant - 8) * stored;
  }
});

/** The product's choice of scale, fp16, at any block size; the product itself stores blocks of 32. */
export function ownInt4(blockSize: number): Quantise {
  return perBlock(blockSize, (out, values, start) => {
    const scale = chooseInt4Scale(values, { start, size: blockSize });
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = start; i < start + blockSize; i++) out[i] = roundToInt4(values[i]! * inverse) * scale;
  });
}

function perBlock(
  blockSize: number,
  quantise: (out: Float32Array, values: Float32Array, start: number) => void,
): Quantise {
  return (values) => {
    const out = new Float32Array(values.length);
    for (let start = 0; start < values.length; start += blockSize) quantise(out, values, start);
    return out;
  };
}
