/** Which processes have a model loaded: a small file of each in the model's folder, so that none removes it under another. */
import { rmSync } from 'node:fs';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import { isRunning } from './folder-lock.ts';

/** Such files are no part of a model: nothing checks, copies or moves them. */
const useMark = /^in-use-\d+\.json$/;

const heartbeatMs = 20_000;
/** After this a holder on another machine, whose processes can't be asked for, counts as gone. */
const staleMs = 90_000;

/**
 * Notes that this process has the model loaded, until the function that comes back is called or the process ends. A
 * folder that can't be written to is held without a note: it can't be removed either.
 */
export async function holdModel(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, `in-use-${process.pid}.json`);
  const holder = { pid: process.pid, host: hostname() };
  await writeFile(path, JSON.stringify(holder), { mode: 0o600 }).catch(() => {});
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, heartbeatMs);
  heartbeat.unref();
  const forget = () => rmSync(path, { force: true });
  process.once('exit', forget);
  return async () => {
    clearInterval(heartbeat);
    process.off('exit', forget);
    await rm(path, { force: true }).catch(() => {});
  };
}

/** @throws AppError `invalid_request` where another living process has the model loaded */
export async function refuseUsedModel(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    if (!useMark.test(name)) continue;
    const path = join(folder, name);
    if (await isHeldElsewhere(path))
      throw new AppError(
        'invalid_request',
        'Another running app or command has this model loaded. Free its memory there, or close it; then try again.',
      );
    await rm(path, { force: true }); // of a process that was killed, or our own
  }
}

async function isHeldElsewhere(path: string): Promise<boolean> {
  try {
    const { pid, host } = JSON.parse(await readFile(path, 'utf8')) as { pid: number; host: string };
    if (host === hostname()) return pid !== process.pid && isRunning(pid);
    return Date.now() - (await stat(path)).mtimeMs < staleMs;
  } catch {
    return false; // gone, or cut off while it was written by a process that was killed
  }
}
