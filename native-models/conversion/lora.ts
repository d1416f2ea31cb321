/** LoRA adapters that a fine-tune keeps beside its base weights: found by their names, added to the rows that are read. */
import { AppError } from '../../preload/contract/errors.ts';
import { withoutWrapper } from '../architectures/parameters.ts';
import type { CheckpointWeights } from '../weights/checkpoint-weights.ts';
import { shownName } from '../weights/shown-name.ts';
import { type MatrixProduct, matrixProduct } from './matrix-product.ts';

/**
 * alpha / rank. InternVL's own code wraps with `lora_alpha = 2 * r` whatever the rank, and writes only the rank down
 * (OpenGVLab/InternVL: internvl_chat/internvl/model/internvl_chat/modeling_internvl_chat.py, `wrap_llm_lora`).
 */
const loraScale = 2;

/** Published names of the two factors of one weight's change: scale · B [outputs, rank] · A [rank, inputs]. */
export interface Adapter {
  a: string;
  b: string;
}

/** What a published tensor name means: a weight, or one factor of a weight's adapter. */
export interface TensorMeaning {
  /** Name without wrappers, as architectures know it. */
  source: string;
  role: 'weight' | 'a' | 'b';
}

/** Reads a name as transformers or peft wrote it (huggingface/peft: tuners/lora/layer.py: base_layer, lora_A, lora_B). */
export function meaningOf(name: string): TensorMeaning {
  const plain = withoutWrapper(name.replace(/(^|\.)base_model\.model\./g, '$1'));
  const factor = /^(.+)\.lora_([AB])(?:\.[^.]+)?\.weight$/.exec(plain);
  if (factor) return { source: `${factor[1]}.weight`, role: factor[2] === 'A' ? 'a' : 'b' };
  return { source: plain.replace(/\.base_layer\.(weight|bias)$/, '.$1'), role: 'weight' };
}

export interface AdapterSum {
  /** Adds the change of rows `first`… to `rows` [count, inputs] of a weight. */
  addRows(rows: Float32Array, adapter: Adapter, place: { first: number; inputs: number }): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param shape of the adapter's weight, [outputs, inputs]
 * @throws AppError `checkpoint_broken` where the factors don't fit each other or the weight, `tensor_mismatch` for a
 * factor that is not of a float type
 */
export function assertAdapterFits(
  weights: CheckpointWeights,
  { a, b }: Adapter,
  shape: readonly number[],
): void {
  const [rank = 0] = weights.tensors.get(a)!.shape;
  const [outputs = 0, inputs = 0] = shape;
  const fits = (name: string, expected: readonly number[]) =>
    `${weights.tensors.get(name)!.shape}` === `${expected}`;
  if (shape.length !== 2 || rank === 0 || !fits(a, [rank, inputs]) || !fits(b, [outputs, rank])) {
    throw new AppError(
      'checkpoint_broken',
      `The checkpoint contradicts itself: the LoRA adapter ${shownName(a)} does not fit its weight.`,
    );
  }
  weights.check(a, [rank, inputs]);
  weights.check(b, [outputs, rank]);
}

/** Sums for adapters that `assertAdapterFits` has passed. */
export function adapterSum(weights: CheckpointWeights): AdapterSum {
  const products = new Map<number, Promise<MatrixProduct>>();
  let last: { name: string; transposed: Float32Array } | null = null;

  /** Aᵀ [inputs, rank]; kept, since a weight's blocks of rows come one after the other. */
  async function transposedA(name: string, rank: number, inputs: number): Promise<Float32Array> {
    if (last?.name === name) return last.transposed;
    const values = await weights.readFloat32(name, [rank, inputs]);
    const transposed = new Float32Array(values.length);
    for (let r = 0; r < rank; r++) {
      for (let i = 0; i < inputs; i++) transposed[i * rank + r] = values[r * inputs + i]!;
    }
    last = { name, transposed };
    return transposed;
  }

  return {
    async addRows(rows, adapter, { first, inputs }) {
      const [rank = 0] = weights.tensors.get(adapter.a)!.shape;
      const count = rows.length / inputs;
      const product = products.get(rank) ?? matrixProduct(rank);
      products.set(rank, product);
      const b = await weights.readRowsFloat32(adapter.b, first, count);
      const change = await (await product).multiply(b, await transposedA(adapter.a, rank, inputs));
      for (let i = 0; i < rows.length; i++) rows[i]! += loraScale * change[i]!;
    },
    async close() {
      for (const product of products.values()) await (await product).close();
    },
  };
}
