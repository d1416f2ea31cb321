/**
 * Reads a checkpoint's tensors by their names without wrapper, as float32, checking that each has the promised shape.
 * LoRA adapters that lie beside a weight are added to it.
 */
import { AppError } from '../../preload/contract/errors.ts';
import type { CheckpointWeights } from '../weights/checkpoint-weights.ts';
import type { FloatDType } from '../weights/dtypes.ts';
import { shownName } from '../weights/shown-name.ts';
import { type Adapter, adapterSum, assertAdapterFits, meaningOf, type TensorMeaning } from './lora.ts';

export interface FloatSource {
  /** The whole tensor, row-major. */
  read(source: string, shape: number[]): Promise<Float32Array>;
  /** Rows first … first + count − 1 of a matrix of the given shape. */
  readRows(source: string, shape: number[], rows: { first: number; count: number }): Promise<Float32Array>;
  /** The type a tensor was published in. Throws what the readers would, without reading: name, shape, type, adapter. */
  check(source: string, shape: readonly number[]): FloatDType;
  close(): Promise<void>;
}

/**
 * Wraps a checkpoint.
 * @throws AppError `checkpoint_broken` where two tensors mean the same; from the readers `tensor_missing`,
 * `tensor_mismatch`, and `checkpoint_broken` where an adapter does not fit its weight
 */
export function floatSourceOf(weights: CheckpointWeights): FloatSource {
  const { published, adapters } = sortNames(weights);
  const sum = adapterSum(weights);
  const nameOf = (source: string) => {
    const name = published.get(source);
    if (name === undefined)
      throw new AppError('tensor_missing', `The checkpoint has no tensor ${source}. Get it again.`);
    return name;
  };
  const check = (source: string, shape: readonly number[]) => {
    const dtype = weights.check(nameOf(source), shape);
    const adapter = adapters.get(source);
    if (adapter) assertAdapterFits(weights, adapter, shape);
    return dtype;
  };
  const withAdapter = async (
    source: string,
    values: Float32Array,
    place: { first: number; inputs: number },
  ): Promise<Float32Array> => {
    const adapter = adapters.get(source);
    if (adapter) await sum.addRows(values, adapter, place);
    return values;
  };
  return {
    async read(source, shape) {
      check(source, shape);
      const values = await weights.readFloat32(nameOf(source), shape);
      return withAdapter(source, values, { first: 0, inputs: shape.at(-1)! });
    },
    async readRows(source, shape, { first, count }) {
      check(source, shape);
      const values = await weights.readRowsFloat32(nameOf(source), first, count);
      return withAdapter(source, values, { first, inputs: shape.at(-1)! });
    },
    check,
    close: sum.close,
  };
}

/** Published names by what they mean. */
function sortNames(weights: CheckpointWeights) {
  const named: Record<TensorMeaning['role'], Map<string, string>> = {
    weight: new Map(),
    a: new Map(),
    b: new Map(),
  };
  for (const name of weights.tensors.keys()) {
    const { source, role } = meaningOf(name);
    const other = named[role].get(source);
    if (other !== undefined) {
      throw new AppError(
        'checkpoint_broken',
        `The checkpoint holds the same tensor twice: ${shownName(other)} and ${shownName(name)}.`,
      );
    }
    named[role].set(source, name);
  }
  const adapters = new Map<string, Adapter>();
  for (const [source, name] of [...named.a, ...named.b]) {
    const [a, b] = [named.a.get(source), named.b.get(source)];
    if (a === undefined || b === undefined) {
      throw new AppError(
        'checkpoint_broken',
        `The checkpoint has only one half of a LoRA adapter: ${shownName(name)}. Get it again.`,
      );
    }
    adapters.set(source, { a, b });
  }
  return { published: named.weight, adapters };
}

/**
 * A NaN or infinity would silently poison a whole block's scale, and every answer.
 * @throws AppError `checkpoint_broken` naming the tensor
 */
export function assertFinite(values: Float32Array, source: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new AppError(
        'checkpoint_broken',
        `The checkpoint holds values that are not numbers in ${source}. Get it again.`,
      );
    }
  }
}
