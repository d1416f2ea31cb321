/** Opens and reads files of a folder a stranger may have made: regular files only, checked and read through one handle. */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';

/** Windows knows neither flag. Without O_NONBLOCK, opening a pipe that took the file's place would wait for ever. */
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const noFollow = constants.O_NOFOLLOW ?? 0;

/** Longest single read; Node refuses 2 GiB and more, which the 78B model's token table has. */
const maxReadBytes = 2 ** 30;

/**
 * Opens a regular file. It is looked at before it is opened and compared after, so neither a pipe nor a device is ever
 * opened knowingly and no other file can slip in between.
 * @param file.name what errors call it: a base name, never a path
 * @param file.links whether a symbolic link as the last part of the path is followed
 * @throws AppError `path_refused` for links (where refused), folders, pipes and devices; `file_unreadable` where the
 * system refuses or the file is not there
 */
export async function openPlainFile(file: {
  path: string;
  name: string;
  links: 'follow' | 'refuse';
}): Promise<FileHandle> {
  const { path, name, links } = file;
  const unreadable = (error: unknown) => {
    throw codeOf(error) === 'ELOOP' ? refusedFile(name) : unreadableFile(name, error);
  };
  const look = links === 'follow' ? stat : lstat;
  const seen = await look(path, { bigint: true }).catch(unreadable);
  if (!seen.isFile()) throw refusedFile(name);
  const handle = await open(path, links === 'follow' ? readOnly : readOnly | noFollow).catch(unreadable);
  try {
    const opened = await handle.stat({ bigint: true });
    // `dev` is left out: on Windows a path and a handle may give the volume's number in different widths
    if (opened.ino !== seen.ino || !opened.isFile()) throw refusedFile(name);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads exactly `sizeBytes` bytes from `position` on.
 * @throws AppError `checkpoint_broken` where the file has become shorter since it was measured, `out_of_memory`,
 * `file_unreadable` where the system fails to read
 */
export async function readExactly(
  handle: FileHandle,
  { name, position, sizeBytes }: { name: string; position: number; sizeBytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = allocate(sizeBytes, name);
  for (let filled = 0; filled < sizeBytes; ) {
    const length = Math.min(sizeBytes - filled, maxReadBytes);
    const { bytesRead } = await handle.read(bytes, filled, length, position + filled).catch((error) => {
      throw unreadableFile(name, error);
    });
    if (bytesRead === 0) throw brokenFile(name, `it is cut short at byte ${position + filled}`);
    filled += bytesRead;
  }
  return bytes;
}

/**
 * A small text file of a folder, whole, or undefined where there is none. A link is followed: these are names that the
 * app looks for itself.
 * @param file.maxBytes a larger file is refused unread
 * @throws AppError `checkpoint_broken` where it is too large or not UTF-8, and what `openPlainFile` and `readExactly` throw
 */
export async function readTextFile(file: {
  folder: string;
  name: string;
  maxBytes: number;
}): Promise<string | undefined> {
  if (!(await isThere(join(file.folder, file.name)))) return undefined;
  return textOf(await readFileBytes(file), file.name);
}

/** A small file of a folder, whole; throws as `readTextFile`, and `file_unreadable` where there is none. */
export async function readFileBytes(file: {
  folder: string;
  name: string;
  maxBytes: number;
}): Promise<Uint8Array<ArrayBuffer>> {
  const { name, maxBytes } = file;
  const handle = await openPlainFile({ path: join(file.folder, name), name, links: 'follow' });
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) throw brokenFile(name, `it has ${size} bytes, at most ${maxBytes} are possible`);
    return await readExactly(handle, { name, position: 0, sizeBytes: size });
  } finally {
    await handle.close();
  }
}

function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw brokenFile(name, 'it is not UTF-8');
  }
}

/** Only a clear no is one: of a file that can't be looked at, opening will say why. */
export async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => !['ENOENT', 'ENOTDIR'].includes(codeOf(error)),
  );
}

function allocate(sizeBytes: number, name: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch {
    throw new AppError(
      'out_of_memory',
      `There is not enough memory to read ${sizeBytes} bytes of ${name}. Close other programs, or use a smaller model.`,
    );
  }
}

/** A file whose content is wrong. */
export function brokenFile(name: string, what: string): AppError {
  return new AppError('checkpoint_broken', `The checkpoint's file ${name} is broken: ${what}. Get it again.`);
}

/** A name that means something else than a plain file. */
export function refusedFile(name: string): AppError {
  return new AppError(
    'path_refused',
    `The checkpoint's file ${name} is no plain file in its folder. Don't use this checkpoint.`,
  );
}

function unreadableFile(name: string, cause: unknown): AppError {
  return new AppError(
    'file_unreadable',
    `The checkpoint's file ${name} can't be read (${codeOf(cause)}). Check that it is there and that you may read it.`,
    { cause },
  );
}

/** The system's short name for an error, such as ENOENT. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
