/** One worker at a time on a folder, across processes, with nothing left locked by those that were killed. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const heartbeatMs = 2000;
const staleMs = 20_000;
const pollMs = 250;

interface Holder {
  pid: number;
  host: string;
  token: string;
}

export interface LockOptions {
  signal?: AbortSignal;
  /** Called once when somebody else holds the lock. */
  onWait?: () => void;
  /** Called with the token of a holder that died, so that what it left can be removed. */
  onTakeOver?: (token: string) => Promise<void>;
}

/**
 * Runs `work` while holding the lock file at `path`; `token` names this holding. A holder shows that it lives by
 * touching the file. Two waiters that find the same dead holder at the same instant may both go on, so the work must
 * bear being done twice; what it must not bear is never being done.
 * @throws the signal's reason when aborted while waiting
 */
export async function withFolderLock<T>(
  path: string,
  work: (token: string) => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const holder: Holder = { pid: process.pid, host: hostname(), token: randomUUID() };
  await acquire(path, holder, options);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {}); // taken over after a long sleep: the end result stays right
  }, heartbeatMs);
  heartbeat.unref();
  try {
    return await work(holder.token);
  } finally {
    clearInterval(heartbeat);
    if ((await readHolder(path))?.token === holder.token) await rm(path, { force: true });
  }
}

/** Whether a living process holds the lock file at `path`. */
export async function isLocked(path: string): Promise<boolean> {
  if (!(await stat(path).catch(() => null))) return false;
  return !(await isDead(path, await readHolder(path)));
}

async function acquire(path: string, holder: Holder, options: LockOptions): Promise<void> {
  let told = false;
  while (!(await tryToCreate(path, holder))) {
    options.signal?.throwIfAborted();
    const other = await readHolder(path);
    if (await isDead(path, other)) {
      await takeAway(path, other, options);
      continue;
    }
    if (!told) options.onWait?.();
    told = true;
    await sleep(pollMs, undefined, options.signal ? { signal: options.signal } : {});
  }
}

async function tryToCreate(path: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function takeAway(path: string, holder: Holder | null, options: LockOptions): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // another waiter was faster
  }
  if (holder && /^[0-9a-f-]{36}$/.test(holder.token)) await options.onTakeOver?.(holder.token);
  await rm(aside, { force: true });
}

/** Null for a file that is gone, or was never written to its end. */
async function readHolder(path: string): Promise<Holder | null> {
  try {
    const { pid, host, token } = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    return typeof pid === 'number' && typeof host === 'string' && typeof token === 'string'
      ? { pid, host, token }
      : null;
  } catch {
    return null;
  }
}

async function isDead(path: string, holder: Holder | null): Promise<boolean> {
  if (holder && holder.host === hostname() && !isRunning(holder.pid)) return true;
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > staleMs;
}

/** Whether a process of this machine lives. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
