/** Entries of the disk cache as the engine uses them: found by key, written for a conversation, the longest unused dropped. */
import { randomUUID } from 'node:crypto';
import { access, readdir, rename, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entriesFolder, marksFolder } from './cache-folder.ts';
import { type NewEntry, readEntry, writeEntry } from './entry-file.ts';

/** Never throws: what the disk can't do is a miss, or an entry less. */
export interface CacheEntries {
  read(
    key: string,
    isWanted?: (head: unknown) => boolean,
  ): Promise<{ head: unknown; body: Uint8Array<ArrayBuffer> } | null>;
  /**
   * Writes an entry of about `sizeBytes` for a conversation, in place of the one of that key.
   * @returns false where it is not there afterwards: the conversation keeps nothing, it is too large, the disk is full
   */
  write(key: string, entry: NewEntry & { conversation: string; sizeBytes: number }): Promise<boolean>;
  /** Marks an entry as this conversation's as well; false where there is none. */
  use(key: string, conversation: string): Promise<boolean>;
}

export interface CacheLimits {
  /** All entries together; 0 writes none. */
  maxBytes: number;
  /** Left to everybody else on the disk. Default 1 GiB. */
  reserveBytes?: number;
}

const usualReserveBytes = 1024 ** 3;
/** One entry may take this share of the limit: a long conversation must not push out all others. */
const largestShare = 1 / 4;

export function openCacheEntries(folder: string, limits: CacheLimits): CacheEntries {
  const entries = entriesFolder(folder);
  const marks = marksFolder(folder);
  const pathOf = (key: string) => join(entries, key);
  const isBegun = (conversation: string) => exists(join(marks, conversation));

  async function write(
    key: string,
    { conversation, sizeBytes, ...entry }: Parameters<CacheEntries['write']>[1],
  ): Promise<boolean> {
    if (sizeBytes > limits.maxBytes * largestShare || !(await isBegun(conversation))) return false;
    await trim(limits.maxBytes - sizeBytes);
    const { bavail, bsize } = await statfs(entries);
    if (bavail * bsize < sizeBytes + (limits.reserveBytes ?? usualReserveBytes)) return false;
    const halfway = join(entries, `new-${randomUUID()}`);
    try {
      await writeEntry(halfway, entry);
      if (!(await mark(key, conversation))) return false;
      await rename(halfway, pathOf(key));
    } finally {
      await rm(halfway, { force: true });
    }
    if (await isBegun(conversation)) return true;
    await leave(key, conversation); // it was deleted meanwhile
    return false;
  }

  /** False where the conversation is not kept any more. */
  async function mark(key: string, conversation: string): Promise<boolean> {
    if (!(await isBegun(conversation))) return false;
    await writeFile(join(marks, `${conversation}.${key}`), '', { mode: 0o600 });
    return true;
  }

  async function leave(key: string, conversation: string): Promise<void> {
    await rm(join(marks, `${conversation}.${key}`), { force: true });
    const others = (await readdir(marks)).some((name) => name.endsWith(`.${key}`));
    if (!others) await rm(pathOf(key), { force: true });
  }

  /** Drops the longest unused until what is left is no more than this. */
  async function trim(leftBytes: number): Promise<void> {
    const names = await readdir(entries);
    const found = await Promise.all(
      names.map(async (name) => ({ name, facts: await stat(pathOf(name)).catch(() => null) })),
    );
    const held = found.flatMap(({ name, facts }) =>
      facts ? [{ name, sizeBytes: facts.size, usedMs: facts.mtimeMs }] : [],
    );
    let sizeBytes = held.reduce((sum, each) => sum + each.sizeBytes, 0);
    for (const oldest of held.toSorted((a, b) => a.usedMs - b.usedMs)) {
      if (sizeBytes <= leftBytes) return;
      await rm(pathOf(oldest.name), { force: true });
      sizeBytes -= oldest.sizeBytes;
    }
  }

  return {
    async read(key, isWanted = () => true) {
      const isOwn = (head: unknown) => (head as { key?: unknown } | null)?.key === key && isWanted(head);
      const found = await readEntry(pathOf(key), isOwn);
      const now = new Date();
      if (found) await utimes(pathOf(key), now, now).catch(() => {}); // used last, dropped last
      return found;
    },
    async write(key, entry) {
      const keyed = { ...entry, head: { ...(entry.head as object), key } };
      return write(key, keyed).catch(() => false);
    },
    async use(key, conversation) {
      if (!(await exists(pathOf(key)))) return false;
      return mark(key, conversation).catch(() => false);
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
