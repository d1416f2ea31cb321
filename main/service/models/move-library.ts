/** Moves the library to another folder: copied, compared, then switched; until the switch the old one is the library. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import { refuseFullDisk } from './disk.ts';
import { withFolderLock } from './folder-lock.ts';
import { copyFileHashed } from './place-model.ts';

export interface MoveRequest {
  from: string;
  to: string;
  onProgress: (doneBytes: number, totalBytes: number) => void;
  /** Makes `to` the library; nothing reads a model from `from` afterwards. */
  onCopied: () => Promise<void>;
  signal: AbortSignal;
}

/** Lies in a folder that a move has begun to fill, so that what it left can be told from a person's files. */
const moveMark = '.internvl-library-move';

/** Work in progress and locks stay behind. */
const leftBehind = /(?:\.partial|\.lock|\.download|\.mending)$|^making-|^in-use-\d+\.json$/;

/**
 * @throws AppError `invalid_request` where `to` holds files, or one folder lies in the other; `disk_full`,
 * `download_corrupt` where the other disk gives back other bytes; the signal's reason after an abort: what was copied is
 * then removed, and the library is the old one
 */
export async function moveLibrary(request: MoveRequest): Promise<void> {
  const { from, to, signal } = request;
  refuseNested(from, to);
  await mkdir(to, { recursive: true, mode: 0o700 });
  await refuseOccupied(to);
  await writeFile(join(to, moveMark), '');
  await withFolderLock(join(from, 'library.lock'), () => copyAndSwitch(request), { signal });
}

async function copyAndSwitch({ from, to, onProgress, onCopied, signal }: MoveRequest): Promise<void> {
  const files = await listFiles(from);
  const totalBytes = 2 * files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0); // written, then read back
  let doneBytes = 0;
  const onBytes = (sizeBytes: number) => {
    doneBytes += sizeBytes;
    onProgress(doneBytes, totalBytes);
  };
  try {
    await refuseFullDisk(to, totalBytes / 2);
    for (const { path } of files) {
      const target = join(to, path);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      const written = await copyFileHashed(join(from, path), target, { signal, onBytes });
      if ((await hashBack(target, signal, onBytes)) !== written) throw badDisk();
    }
    signal.throwIfAborted();
    await rm(join(to, moveMark), { force: true }); // from here on it is a library, which no later move may overwrite
    await onCopied();
  } catch (error) {
    await emptyFolder(to);
    throw error;
  }
  await writeFile(join(from, moveMark), '');
  await emptyFolder(from);
}

async function listFiles(folder: string): Promise<{ path: string; sizeBytes: number }[]> {
  const files: { path: string; sizeBytes: number }[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (!entry.isFile() || path.split(sep).some((part) => leftBehind.test(part))) continue;
    files.push({ path, sizeBytes: (await stat(join(folder, path))).size });
  }
  return files;
}

async function hashBack(path: string, signal: AbortSignal, onBytes: (sizeBytes: number) => void) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    signal.throwIfAborted();
    hash.update(chunk as Buffer);
    onBytes((chunk as Buffer).byteLength);
  }
  return hash.digest('hex');
}

/** What an interrupted move left may be overwritten; a person's files never. */
async function refuseOccupied(to: string): Promise<void> {
  const names = await readdir(to);
  if (names.length === 0) return;
  if (names.includes(moveMark)) return emptyFolder(to);
  throw new AppError('invalid_request', 'This folder holds files already. Choose an empty one.');
}

function refuseNested(from: string, to: string): void {
  const path = relative(from, to);
  const back = relative(to, from);
  const isInside = (way: string) => way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
  // Paths of different Windows drives have no relative way, and are no nesting.
  const isNested = [path, back].some((way) => isInside(way) && !/^[A-Za-z]:/.test(way));
  if (isNested) throw new AppError('invalid_request', 'Choose a folder outside the present library.');
}

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    if (name === 'library.lock') continue; // held by this move
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function badDisk(): AppError {
  return new AppError(
    'download_corrupt',
    'The other disk gives back other bytes than were written. The library stays where it is.',
  );
}
