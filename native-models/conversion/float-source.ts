/** Reads a checkpoint's tensors by their names without wrapper, as float32, checking that each has the promised shape. */
import { AppError } from '../../preload/contract/errors.ts';
import { withoutWrapper } from '../architectures/parameters.ts';
import type { CheckpointWeights } from '../weights/checkpoint-weights.ts';
import { shownName } from '../weights/shown-name.ts';

export interface FloatSource {
  /** The whole tensor, row-major. */
  read(source: string, shape: number[]): Promise<Float32Array>;
  /** Rows first … first + count − 1 of a matrix of the given shape. */
  readRows(source: string, shape: number[], rows: { first: number; count: number }): Promise<Float32Array>;
  /** @throws AppError as the readers do, without reading */
  check(source: string, shape: readonly number[]): void;
  /** The published name and type behind a source name. */
  find(source: string): { name: string; dtype: string; shape: readonly number[] };
}

/**
 * Wraps a checkpoint.
 * @throws AppError `checkpoint_broken` where two tensors mean the same; from the readers `tensor_missing`, `tensor_mismatch`
 */
export function floatSourceOf(weights: CheckpointWeights): FloatSource {
  const published = new Map<string, string>();
  for (const name of weights.tensors.keys()) {
    const source = withoutWrapper(name);
    const other = published.get(source);
    if (other !== undefined) {
      throw new AppError(
        'checkpoint_broken',
        `The checkpoint holds the same tensor twice: ${shownName(other)} and ${shownName(name)}.`,
      );
    }
    published.set(source, name);
  }
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
  return {
    read: (source, shape) => weights.readFloat32(nameOf(source), shape),
    readRows: async (source, shape, rows) =>
      weights.readRowsFloat32(checkedName(source, shape), rows.first, rows.count),
    check(source, shape) {
      checkedName(source, shape);
    },
    find(source) {
      const name = nameOf(source);
      return { name, ...weights.tensors.get(name)! };
    },
  };
}
