/** Writes one data file of a model folder: tensors one behind the other, aligned, hashed while they are written. */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { ExternalTensor, WeightType } from '../onnx/graph.ts';

/** Tensors start on cache lines, so mapped weights can be read with aligned vector loads. */
const alignmentBytes = 64;

/** Where the tensor begins that follows one that ends at `position`. */
export function alignedOffset(position: number): number {
  return Math.ceil(position / alignmentBytes) * alignmentBytes;
}

/** Longest single write; Node refuses 2 GiB and more. */
const maxWriteBytes = 2 ** 30;

/** A finished file as the manifest lists it. */
export interface WrittenFile {
  name: string;
  sizeBytes: number;
  sha256: string;
}

/** The beginning of a data file, as it lies on the disk. */
export type FileMark = WrittenFile;

export interface DataFile {
  /** Appends a whole tensor. */
  append(bytes: Uint8Array, tensor: { type: WeightType; shape: number[] }): Promise<ExternalTensor>;
  /** Starts a tensor whose bytes follow by `write` until the next append or begin. */
  begin(tensor: { type: WeightType; shape: number[]; sizeBytes: number }): Promise<ExternalTensor>;
  write(bytes: Uint8Array): Promise<void>;
  /** Flushes what is there to the disk and says what it is, so that `resumeDataFile` can go on behind it. */
  mark(): Promise<FileMark>;
  /** Flushes to the disk and closes. */
  finish(): Promise<WrittenFile>;
  /** Closes without a promise about the content; for the way out after an error. */
  abandon(): Promise<void>;
}

/** Creates a data file; an existing one is an error. All its writers throw what `asDiskError` makes. */
export async function createDataFile(path: string): Promise<DataFile> {
  const handle = await open(path, 'wx', 0o600).catch(asDiskError);
  return writeDataFile(handle, { name: basename(path), hash: createHash('sha256'), position: 0 });
}

/** Bytes read back at once. */
const readBackBytes = 4 * 1024 * 1024;

/**
 * Opens a data file to go on behind a mark, and cuts off what was written after it.
 * @returns null where its beginning is not what was marked, as after a power failure
 */
export async function resumeDataFile(path: string, mark: FileMark): Promise<DataFile | null> {
  const handle = await open(path, 'r+').catch(() => null);
  if (!handle) return null;
  const hash = createHash('sha256');
  const piece = new Uint8Array(readBackBytes);
  let position = 0;
  while (position < mark.sizeBytes) {
    const length = Math.min(piece.length, mark.sizeBytes - position);
    const { bytesRead } = await handle.read(piece, 0, length, position);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    position += bytesRead;
  }
  if (position === mark.sizeBytes && hash.copy().digest('hex') === mark.sha256) {
    await handle.truncate(position);
    return writeDataFile(handle, { name: basename(path), hash, position });
  }
  await handle.close();
  return null;
}

function writeDataFile(
  handle: FileHandle,
  { name, hash, position: start }: { name: string; hash: Hash; position: number },
): DataFile {
  let position = start;

  const write = async (bytes: Uint8Array) => {
    hash.update(bytes);
    let written = 0;
    while (written < bytes.length) {
      const length = Math.min(bytes.length - written, maxWriteBytes);
      const result = await handle.write(bytes, written, length, position + written).catch(asDiskError);
      written += result.bytesWritten;
    }
    position += bytes.length;
  };

  const begin: DataFile['begin'] = async ({ type, shape, sizeBytes }) => {
    const padding = alignedOffset(position) - position;
    if (padding > 0) await write(new Uint8Array(padding));
    return { file: name, byteOffset: position, sizeBytes, type, shape };
  };

  return {
    begin,
    write,
    async append(bytes, tensor) {
      const place = await begin({ ...tensor, sizeBytes: bytes.length });
      await write(bytes);
      return place;
    },
    async mark() {
      await handle.sync().catch(asDiskError);
      return { name, sizeBytes: position, sha256: hash.copy().digest('hex') };
    },
    async finish() {
      await handle.sync().catch(asDiskError);
      await handle.close().catch(asDiskError); // over a network a full quota may show only here
      return { name, sizeBytes: position, sha256: hash.digest('hex') };
    },
    async abandon() {
      await handle.close().catch(() => {});
    },
  };
}

/** Creates a file of this text and waits until it is on the disk; throws as a data file's writers do. */
export async function writeWholeFile(path: string, text: string): Promise<WrittenFile> {
  const file = await createDataFile(path);
  try {
    await file.write(new TextEncoder().encode(text));
    return await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** The bytes behind a typed array, without a copy. */
export function bytesOf(values: Float32Array | Uint16Array | Int8Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Throws a writer's error in words where a person can do something about it, else as it is.
 * @throws AppError `disk_full` for a full disk or quota, `invalid_request` where files can't be that large (FAT32: 4 GiB)
 */
export function asDiskError(error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EFBIG') {
    throw new AppError(
      'invalid_request',
      'The disk there can’t hold files this large. Choose a folder on another disk.',
      { cause: error },
    );
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    throw new AppError('disk_full', 'The disk is full. Free some space and convert again.', {
      retryable: true,
      cause: error,
    });
  }
  throw error;
}
