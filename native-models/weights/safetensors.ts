/** Opens one safetensors file and reads its tensors, or parts of them, without trusting anything it declares. */
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import { brokenFile, openPlainFile, readExactly } from './plain-file.ts';
import {
  lengthFieldBytes,
  maxHeaderBytes,
  parseSafetensorsHeader,
  type TensorEntry,
} from './safetensors-header.ts';
import { shownName } from './shown-name.ts';

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** All bytes of one tensor, little-endian, row-major. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes startByte … startByte + sizeBytes − 1 of one tensor, so that a large one can pass in blocks. */
  readRange(name: string, startByte: number, sizeBytes: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/**
 * Opens a file a person or the app chose (a link is followed) and checks its header against its size.
 * @throws AppError `checkpoint_broken` naming file and tensor, `path_refused` for what is no plain file,
 * `file_unreadable` where the system refuses; the readers throw `tensor_missing`, `checkpoint_broken` where the file has
 * become shorter, and RangeError for a range outside the tensor
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const name = basename(path);
  return readSafetensors(await openPlainFile({ path, name, links: 'follow' }), name);
}

/**
 * The same from an open handle, which is closed on failure and by `close`.
 * @param file base name for messages
 */
export async function readSafetensors(handle: FileHandle, file: string): Promise<SafetensorsFile> {
  try {
    const tensors = await readHeader(handle, file);
    const entryOf = (name: string) => {
      const entry = tensors.get(name);
      if (entry) return entry;
      throw new AppError('tensor_missing', `The checkpoint's file ${file} has no tensor ${shownName(name)}.`);
    };
    const readRange = async (name: string, startByte: number, sizeBytes: number) => {
      const entry = entryOf(name);
      const isInside = startByte >= 0 && sizeBytes >= 0 && startByte + sizeBytes <= entry.sizeBytes;
      if (!isInside || !Number.isSafeInteger(startByte) || !Number.isSafeInteger(sizeBytes))
        throw new RangeError(`bytes ${startByte} + ${sizeBytes} are outside ${shownName(name)}`);
      return readExactly(handle, { name: file, position: entry.byteOffset + startByte, sizeBytes });
    };
    return {
      tensors,
      read: async (name) => readRange(name, 0, entryOf(name).sizeBytes),
      readRange,
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Nothing is allocated from a declared size before the file is known to be that large. */
async function readHeader(handle: FileHandle, file: string): Promise<Map<string, TensorEntry>> {
  const { size } = await handle.stat();
  if (size < lengthFieldBytes) throw brokenFile(file, `it has only ${size} bytes`);
  const field = await readExactly(handle, { name: file, position: 0, sizeBytes: lengthFieldBytes });
  const declared = new DataView(field.buffer).getBigUint64(0, true);
  if (declared > BigInt(maxHeaderBytes)) throw brokenFile(file, 'its header is longer than 100 MB');
  const headerBytes = Number(declared);
  const bodyBytes = size - lengthFieldBytes - headerBytes;
  if (bodyBytes < 0) throw brokenFile(file, 'its header is longer than the file');
  const bytes = await readExactly(handle, { name: file, position: lengthFieldBytes, sizeBytes: headerBytes });
  return parseSafetensorsHeader({ bytes, bodyBytes, file });
}
