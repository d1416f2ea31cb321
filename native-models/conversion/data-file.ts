/** Writes one data file of a model folder: tensors one behind the other, aligned, hashed while they are written. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { ExternalTensor, WeightType } from '../onnx/graph.ts';

/** Tensors start on cache lines, so mapped weights can be read with aligned vector loads. */
const alignmentBytes = 64;

/** A finished file as the manifest lists it. */
export interface WrittenFile {
  name: string;
  sizeBytes: number;
  sha256: string;
}

export interface DataFile {
  /** Appends a whole tensor. */
  append(bytes: Uint8Array, tensor: { type: WeightType; shape: number[] }): Promise<ExternalTensor>;
  /** Starts a tensor whose bytes follow by `write` until the next append or begin. */
  begin(tensor: { type: WeightType; shape: number[]; sizeBytes: number }): Promise<ExternalTensor>;
  write(bytes: Uint8Array): Promise<void>;
  /** Flushes to the disk and closes. */
  finish(): Promise<WrittenFile>;
  /** Closes without a promise about the content; for the way out after an error. */
  abandon(): Promise<void>;
}

/** Creates a data file; an existing one is an error. All its writers throw AppError `disk_full`. */
export async function createDataFile(path: string): Promise<DataFile> {
  const handle = await open(path, 'wx', 0o600).catch(asDiskError);
  const hash = createHash('sha256');
  const name = basename(path);
  let position = 0;

  const write = async (bytes: Uint8Array) => {
    hash.update(bytes);
    let written = 0;
    while (written < bytes.length) {
      const result = await handle.write(bytes, written).catch(asDiskError);
      written += result.bytesWritten;
    }
    position += bytes.length;
  };

  const begin: DataFile['begin'] = async ({ type, shape, sizeBytes }) => {
    const padding = (alignmentBytes - (position % alignmentBytes)) % alignmentBytes;
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
    async finish() {
      await handle.sync().catch(asDiskError);
      await handle.close();
      return { name, sizeBytes: position, sha256: hash.digest('hex') };
    },
    async abandon() {
      await handle.close().catch(() => {});
    },
  };
}

/** Creates a small file and waits until it is on the disk. @throws AppError `disk_full` */
export async function writeWholeFile(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600).catch(asDiskError);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    asDiskError(error);
  } finally {
    await handle.close();
  }
}

/** The bytes behind a typed array, without a copy. */
export function bytesOf(values: Float32Array | Uint16Array | Int8Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function asDiskError(error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    throw new AppError('disk_full', 'The disk is full. Free some space and convert again.', {
      retryable: true,
      cause: error,
    });
  }
  throw error;
}
