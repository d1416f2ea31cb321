/** Reads a file a person attached, after a look at its first bytes. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';

/** Enough for every signature, for an AVIF's list of brands, and for a PDF's late header. */
export const headBytes = 1024;

/**
 * The whole file by one handle: what was looked at is what is read.
 * @param accept sees the first bytes and the size before the rest is read, and throws to refuse
 * @throws AppError `file_unreadable`, `path_refused` for what is no plain file, and what `accept` throws
 */
export async function readMediaFile(
  path: string,
  accept: (head: Uint8Array, sizeBytes: number) => void,
): Promise<Uint8Array> {
  const name = basename(path);
  const file = await openFile(path, name);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new AppError('path_refused', `“${name}” is a folder or device, not a file.`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    accept(buffer.subarray(0, bytesRead), stat.size);
    const bytes = Buffer.alloc(stat.size);
    const read = await file.read(bytes, 0, stat.size, 0);
    return bytes.subarray(0, read.bytesRead);
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(name, error);
  } finally {
    await file.close();
  }
}

/**
 * The first bytes of a file, to tell its kind.
 * @throws AppError `file_unreadable`, `path_refused` for what is no plain file
 */
export async function readFileHead(path: string): Promise<Uint8Array> {
  const name = basename(path);
  const file = await openFile(path, name);
  try {
    if (!(await file.stat()).isFile())
      throw new AppError('path_refused', `“${name}” is a folder or device, not a file.`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(name, error);
  } finally {
    await file.close();
  }
}

async function openFile(path: string, name: string): Promise<FileHandle> {
  const nonBlocking = constants.O_NONBLOCK ?? 0; // opening a named pipe would wait for a writer; not on Windows
  try {
    return await open(path, constants.O_RDONLY | nonBlocking);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  const reason = code === 'ENOENT' ? 'It is no longer there.' : 'Check that you may open it, and try again.';
  return new AppError('file_unreadable', `“${name}” can't be read. ${reason}`, { cause });
}
