/** The tensors of a checkpoint folder, from one safetensors file or from shards behind an index. */
import { basename, join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import { brokenIndex, type CheckpointIndex, indexFileName, readCheckpointIndex } from './checkpoint-index.ts';
import { type DType, dtypeBits, type FloatDType, floatsFromBytes, isFloatDType } from './dtypes.ts';
import { isThere, openPlainFile } from './plain-file.ts';
import { resolveInFolder } from './safe-file-name.ts';
import { openSafetensors, readSafetensors, type SafetensorsFile } from './safetensors.ts';
import { shownName } from './shown-name.ts';

/** What is known of a tensor without reading it. */
export interface CheckpointTensor {
  dtype: DType;
  shape: readonly number[];
  /** Name of the file it lies in. */
  file: string;
}

/** All readers throw AppError `tensor_missing`, and what a file that changed since throws (see `openSafetensors`). */
export interface CheckpointWeights {
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /** A tensor's type, as the readers would find it; `tensor_mismatch` for what they could not read as `expectedShape`. */
  check(name: string, expectedShape: readonly number[]): FloatDType;
  /** A whole tensor as float32, row-major; `tensor_mismatch` for another shape or a type that is not F32, F16 or BF16. */
  readFloat32(name: string, expectedShape: readonly number[]): Promise<Float32Array>;
  /**
   * Rows firstRow … firstRow + rowCount − 1 along the first axis as float32, so that a large matrix passes in blocks;
   * `tensor_mismatch` for other types, RangeError for rows outside.
   */
  readRowsFloat32(name: string, firstRow: number, rowCount: number): Promise<Float32Array>;
  close(): Promise<void>;
}

const singleFile = 'model.safetensors';

/**
 * Opens a checkpoint's weights and checks every header; no tensor is read yet. Where both forms lie in the folder, the
 * single file is taken, as transformers does.
 * @throws AppError `not_found` where the folder holds no weights, `checkpoint_broken` where index and shards contradict
 * each other, `path_refused` for shard names that leave the folder, and what `openSafetensors` throws
 */
export async function openCheckpointWeights(folder: string): Promise<CheckpointWeights> {
  if (await isThere(join(folder, singleFile))) {
    const file = await openSafetensors(join(folder, singleFile));
    return weightsOf(new Map([[singleFile, file]]));
  }
  if (await isThere(join(folder, indexFileName))) {
    const index = await readCheckpointIndex(folder);
    const files = await openShards(folder, [...new Set(index.values())]);
    try {
      assertAsIndexed(files, index);
      return weightsOf(files);
    } catch (error) {
      await closeAll(files);
      throw error;
    }
  }
  throw new AppError(
    'not_found',
    `The folder ${basename(folder)} holds no weights: neither ${singleFile} nor ${indexFileName} is there. Choose the folder of a downloaded checkpoint; weights in other formats are not read.`,
  );
}

/** All names are judged before the first file is opened. */
async function openShards(folder: string, names: string[]): Promise<Map<string, SafetensorsFile>> {
  const paths = new Map<string, string>();
  for (const name of names) paths.set(name, await resolveInFolder(folder, name));
  const files = new Map<string, SafetensorsFile>();
  try {
    for (const [name, path] of paths) {
      const handle = await openPlainFile({ path, name, links: 'refuse' });
      files.set(name, await readSafetensors(handle, name));
    }
    return files;
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

async function closeAll(files: Map<string, SafetensorsFile>): Promise<void> {
  await Promise.all([...files.values()].map((file) => file.close()));
}

/** Every promised tensor lies in the shard that should hold it, and none lies elsewhere or unannounced. */
function assertAsIndexed(files: Map<string, SafetensorsFile>, index: CheckpointIndex): void {
  for (const [name, opened] of files) {
    for (const tensor of opened.tensors.keys()) {
      if (index.get(tensor) !== name)
        throw brokenIndex(`${name} holds ${shownName(tensor)}, which it does not list there`);
    }
  }
  for (const [tensor, name] of index) {
    if (!files.get(name)?.tensors.has(tensor))
      throw brokenIndex(`${name} does not hold ${shownName(tensor)}, which it lists there`);
  }
}

function weightsOf(files: Map<string, SafetensorsFile>): CheckpointWeights {
  const tensors = new Map<string, CheckpointTensor>();
  for (const [file, opened] of files) {
    for (const entry of opened.tensors.values()) {
      tensors.set(entry.name, { dtype: entry.dtype, shape: entry.shape, file });
    }
  }
  const find = (name: string) => {
    const tensor = tensors.get(name);
    if (!tensor) {
      throw new AppError(
        'tensor_missing',
        `The checkpoint has no tensor ${shownName(name)}. Get a complete copy of it.`,
      );
    }
    return { ...tensor, opened: files.get(tensor.file)! };
  };
  const check = (name: string, expectedShape: readonly number[]) => {
    const tensor = find(name);
    requireShape(name, tensor, expectedShape);
    return requireFloat(name, tensor);
  };
  return {
    tensors,
    check,
    async readFloat32(name, expectedShape) {
      const dtype = check(name, expectedShape);
      return floatsFromBytes(await find(name).opened.read(name), dtype);
    },
    async readRowsFloat32(name, firstRow, rowCount) {
      const { opened, ...tensor } = find(name);
      const dtype = requireFloat(name, tensor);
      const rowBytes = tensor.shape.slice(1).reduce((product, size) => product * size, dtypeBits[dtype] / 8);
      const [rows = 0] = tensor.shape;
      if (!Number.isSafeInteger(firstRow) || firstRow < 0 || firstRow + rowCount > rows)
        throw new RangeError(`rows ${firstRow} + ${rowCount} are outside ${shownName(name)}`);
      return floatsFromBytes(await opened.readRange(name, firstRow * rowBytes, rowCount * rowBytes), dtype);
    },
    close: () => closeAll(files),
  };
}

function requireFloat(name: string, { dtype, file }: CheckpointTensor): FloatDType {
  if (isFloatDType(dtype)) return dtype;
  throw new AppError(
    'tensor_mismatch',
    `The tensor ${shownName(name)} in ${file} has type ${dtype}; weights are F32, F16 or BF16.`,
  );
}

function requireShape(name: string, { shape, file }: CheckpointTensor, expected: readonly number[]): void {
  if (shape.length === expected.length && shape.every((size, axis) => size === expected[axis])) return;
  throw new AppError(
    'tensor_mismatch',
    `The tensor ${shownName(name)} in ${file} has shape [${shape.join(', ')}], the config promises [${expected.join(', ')}].`,
  );
}
