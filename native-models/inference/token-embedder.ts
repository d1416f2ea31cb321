/** Token ids → embedding rows, read from the token table on disk as they are needed. */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import { brokenModelFolder, type ModelFolder } from '../conversion/model-folder.ts';

export interface TokenEmbedder {
  readonly width: number;
  /** Writes the embedding of `id` into out[at … at + width). Reading a row takes about 3 µs; the system caches the file. */
  embed(id: number, out: Float32Array, at: number): void;
  close(): void;
}

/** Opens the table of a model folder. @throws AppError `model_folder_broken` where the file can't be opened */
export function openTokenEmbedder({ path, manifest }: ModelFolder): TokenEmbedder {
  const { file, dtype, rows, width } = manifest.tokenTable;
  const handle = openTable(join(path, file), file);
  const rowBytes = width * (dtype === 'F32' ? 4 : 2);
  const row = new Uint8Array(rowBytes);
  const widen = wideningOf(dtype, row);
  return {
    width,
    embed(id, out, at) {
      if (id < 0 || id >= rows)
        throw new AppError('internal', `token ${id} lies outside the table of ${rows} rows`);
      if (readSync(handle, row, 0, rowBytes, id * rowBytes) !== rowBytes) {
        throw brokenModelFolder(`its file ${file} is cut short`);
      }
      widen(out, at);
    },
    close: () => closeSync(handle),
  };
}

function openTable(path: string, file: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw brokenModelFolder(`its file ${file} can't be opened`, cause);
  }
}

/** How a row of the table becomes float32. */
function wideningOf(dtype: 'BF16' | 'F16' | 'F32', row: Uint8Array): (out: Float32Array, at: number) => void {
  if (dtype === 'F32') {
    const values = new Float32Array(row.buffer);
    return (out, at) => out.set(values, at);
  }
  if (dtype === 'F16') {
    const values = new Float16Array(row.buffer);
    return (out, at) => out.set(values, at);
  }
  const halves = new Uint16Array(row.buffer);
  return (out, at) => {
    const bits = new Uint32Array(out.buffer, out.byteOffset + at * 4, halves.length);
    for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  };
}
