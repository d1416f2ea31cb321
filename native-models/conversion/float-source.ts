/**
 * Reads a checkpoint's tensors by their names without wrapper, as float32, checking that each has the promised shape.
 * LoRA adapters that lie beside a weight are added to it.
 */
import { AppError } from '../../preload/contract/errors.ts';
import type { CheckpointWeights } from '../weights/checkpoint-weights.ts';
import { shownName } from '../weights/shown-name.ts';
import { type Adapter, adapterSum, meaningOf, type TensorMeaning } from './lora.ts';

export interface FloatSource {
  /** The whole tensor, row-major. */
  read(source: string, shape: number[]): Promise<Float32Array>;
  /** Rows first … first + count − 1 of a matrix of the given shape. */
  readRows(source: string, shape: number[], rows: { first: number; count: number }): Promise<Float32Array>;
  /** @throws AppError as the readers do, without reading */
  check(source: string, shape: readonly number[]): void;
  /** The published name and type behind a source name. */
  find(source: string): { name: string; dtype: string; shape: readonly number[] };
  close(): Promise<void>;
}

/**
 * Wraps a checkpoint.
 * @throws AppError `checkpoint_broken` where two tensors mean the same; from the readers `tensor_missing`, `tensor_mismatch`
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
  const checkedName = (source: string, shape: readonly number[]) => {
    const name = nameOf(source);
    const { file, shape: found } = weights.tensors.get(name)!;
    if (found.length !== shape.length || found.some((size, axis) => size !== shape[axis])) {
      throw new AppError(
        'tensor_mismatch',
        `The tensor ${shownName(name)} in ${file} has shape [${found}], config.json promises [${shape}].`,
      );
    }
    return name;
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
      const values = await weights.readFloat32(nameOf(source), shape);
      return withAdapter(source, values, { first: 0, inputs: shape.at(-1)! });
    },
    async readRows(source, shape, { first, count }) {
      const values = await weights.readRowsFloat32(checkedName(source, shape), first, count);
      return withAdapter(source, values, { first, inputs: shape.at(-1)! });
    },
    check(source, shape) {
      checkedName(source, shape);
    },
    find(source) {
      const name = nameOf(source);
      return { name, ...weights.tensors.get(name)! };
    },
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
