/** Rows of a Parquet file, as the Hugging Face Hub publishes most data sets: a group of rows at a time. */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { AppError } from '../../../preload/contract/errors.ts';

/** Text, number, list or picture, as the column holds it. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/** Its table of contents: the largest of the card's benchmarks takes a few hundred kilobytes. */
const mostFooterBytes = 64 * 1024 * 1024;
/** Pictures of one group of rows, which are in memory at once. */
const mostGroupBytes = 1024 * 1024 * 1024;

/** Snappy, which the Hub writes, is the reader's own; the others are Node's. */
const compressors = {
  GZIP: (input: Uint8Array) => gunzipSync(input),
  ZSTD: (input: Uint8Array) => zstdDecompressSync(input),
  BROTLI: (input: Uint8Array) => brotliDecompressSync(input),
};

/**
 * @throws AppError `file_unreadable`, `media_broken` for a file that is none or is cut off, `media_too_large` for a
 * group of rows past 1 GB
 */
export async function* readParquet(path: string): AsyncGenerator<ParquetRow, void, void> {
  const name = basename(path);
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new AppError('file_unreadable', `The data set ${name} can't be read.`, { cause });
  });
  try {
    const file = await bufferOf(handle);
    const metadata = await understood(name, async () => {
      await refuseVastFooter(file);
      return parquetMetadataAsync(file);
    });
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      if (Number(group.total_byte_size) > mostGroupBytes) throw tooLarge(name);
      const rowEnd = rowStart + Number(group.num_rows);
      const read = { file, metadata, rowStart, rowEnd, compressors, utf8: false, geoparquet: false };
      yield* (await understood(name, () => parquetReadObjects(read))) as ParquetRow[];
      rowStart = rowEnd;
    }
  } finally {
    await handle.close();
  }
}

/** A Parquet file ends with the length of its footer and `PAR1`. */
async function refuseVastFooter(file: Awaited<ReturnType<typeof bufferOf>>): Promise<void> {
  if (file.byteLength < 12) throw new Error('too short');
  const end = new DataView(await file.slice(file.byteLength - 8));
  if (end.getUint32(0, true) > Math.min(mostFooterBytes, file.byteLength)) throw new Error('footer too long');
}

async function bufferOf(handle: FileHandle) {
  const { size: byteLength } = await handle.stat();
  return {
    byteLength,
    async slice(start: number, end = byteLength): Promise<ArrayBuffer> {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start));
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new Error('the file ends early');
        at += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

/** Whatever the reader stumbles over, the file is to blame. */
async function understood<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const sentence = `The data set ${name} is no whole Parquet file. Get it again.`;
    throw new AppError('media_broken', sentence, { cause });
  }
}

function tooLarge(name: string): AppError {
  return new AppError('media_too_large', `${name} has more than 1 GB in one group of rows; use its .tsv.`);
}
