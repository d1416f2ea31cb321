/** A film's bytes as the demuxer asks for them: a few at a time, by one handle, never more than a clip's worth at once. */
import { constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { CustomSource } from 'mediabunny';
import { AppError } from '../../../preload/contract/errors.ts';
import type { FilmLimits } from './film-limits.ts';

/** A film by its path, or its bytes, which several threads may read at once. */
export type FilmSource = { path: string } | { bytes: Uint8Array };

/** Far above any frame or table of a real film; lying sizes ask for more. */
const readBytes = 64 * 1024 * 1024;

/** @throws AppError `file_unreadable`, `path_refused`, `media_broken` when empty, `media_too_large` */
export function openFilmSource(source: FilmSource, limits: FilmLimits): CustomSource {
  const { sizeBytes, read } = 'path' in source ? openPath(source.path) : openBytes(source.bytes);
  if (sizeBytes === 0) throw new AppError('media_broken', 'The film file is empty.');
  if (sizeBytes > limits.fileBytes) {
    const [size, limit] = [sizeBytes, limits.fileBytes].map((bytes) => Math.ceil(bytes / 1024 / 1024));
    throw new AppError('media_too_large', `The film's file has ${size} MB; at most ${limit} MB can be read.`);
  }
  return new CustomSource({
    getSize: () => sizeBytes,
    read: (start, end) => {
      if (end - start > readBytes)
        throw new AppError('media_broken', 'The film is damaged: a part of it claims an impossible size.');
      return read(start, end);
    },
    prefetchProfile: 'fileSystem',
  });
}

interface OpenSource {
  sizeBytes: number;
  read(start: number, end: number): Uint8Array;
}

function openBytes(bytes: Uint8Array): OpenSource {
  return { sizeBytes: bytes.length, read: (start, end) => bytes.slice(start, end) };
}

function openPath(path: string): OpenSource {
  const name = basename(path);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)); // a named pipe would wait for a writer
  } catch (error) {
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = gone ? 'It is no longer there.' : 'Check that you may open it, and try again.';
    throw new AppError('file_unreadable', `“${name}” can't be read. ${reason}`, { cause: error });
  }
  const stat = fstatSync(file);
  if (!stat.isFile()) throw new AppError('path_refused', `“${name}” is a folder or device, not a file.`);
  return {
    sizeBytes: stat.size,
    read(start, end) {
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const count = readSync(file, bytes, filled, bytes.length - filled, start + filled);
        if (count === 0) throw new AppError('file_unreadable', `“${name}” became shorter while it was read.`);
        filled += count;
      }
      return bytes;
    },
  };
}
