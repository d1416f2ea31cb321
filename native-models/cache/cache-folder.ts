/**
 * Where caches lie on the disk and whose they are: entries, and marks that say which conversation uses which entry.
 * All state is files, so that two processes and a kill at any moment leave it right:
 * `marks/CONVERSATION` lets a conversation keep things, `marks/CONVERSATION.KEY` says that it uses `entries/KEY`.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Raised when entries of before can't be read any more; the old folder then goes at the next start. */
const layoutName = 'v1';

export interface CacheFolder {
  /** Allows entries for this conversation; without it nothing of it is ever written. */
  begin(conversation: string): Promise<void>;
  /** Drops a conversation's marks, and the entries that no other one uses. */
  forget(conversation: string): Promise<void>;
  /** The same for all but these; entries and halves of entries that a kill left behind go too. */
  keepOnly(conversations: Iterable<string>): Promise<void>;
  clear(): Promise<void>;
  /** Bytes of all entries. */
  measure(): Promise<number>;
}

/** A conversation's name in the folder; who has not got its id can't tell which one it is. */
export function cacheNameOf(owner: string, conversationId: string): string {
  return hashOf(['conversation', owner, conversationId]);
}

/** Hex, of values that JSON can tell apart. */
export function hashOf(values: unknown): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}

export function entriesFolder(folder: string): string {
  return join(folder, layoutName, 'entries');
}

export function marksFolder(folder: string): string {
  return join(folder, layoutName, 'marks');
}

/** Nothing is made before the first conversation begins. */
export function openCacheFolder(folder: string): CacheFolder {
  const entries = entriesFolder(folder);
  const marks = marksFolder(folder);

  /** Of these conversations: first what allows them to write, then their marks, then what nobody uses any more. */
  async function drop(isDropped: (conversation: string) => boolean): Promise<void> {
    const names = (await list(marks)).filter((name) => isDropped(conversationOf(name)));
    for (const name of names.toSorted((a, b) => a.length - b.length)) await remove(join(marks, name));
    const inUse = new Set((await list(marks)).flatMap((name) => keyOf(name) ?? []));
    for (const key of new Set(names.flatMap((name) => keyOf(name) ?? [])))
      if (!inUse.has(key)) await remove(join(entries, key));
  }

  return {
    async begin(conversation) {
      await mkdir(entries, { recursive: true, mode: 0o700 });
      await mkdir(marks, { recursive: true, mode: 0o700 });
      await writeFile(join(marks, conversation), '', { mode: 0o600 });
    },
    forget: (conversation) => drop((each) => each === conversation),
    async keepOnly(conversations) {
      const kept = new Set(conversations);
      for (const name of await list(folder)) if (name !== layoutName) await remove(join(folder, name));
      await drop((each) => !kept.has(each));
      const inUse = new Set((await list(marks)).flatMap((name) => keyOf(name) ?? []));
      for (const name of await list(entries)) if (!inUse.has(name)) await remove(join(entries, name));
    },
    async clear() {
      const begun = (await list(marks)).filter((name) => keyOf(name) === null);
      await drop(() => true);
      for (const name of await list(entries)) await remove(join(entries, name));
      for (const conversation of begun) await writeFile(join(marks, conversation), '', { mode: 0o600 });
    },
    async measure() {
      const names = await list(entries);
      const sizes = await Promise.all(names.map((name) => stat(join(entries, name)).catch(() => null)));
      return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0);
    },
  };
}

function conversationOf(mark: string): string {
  return mark.split('.')[0]!;
}

/** Null for the mark that allows. */
function keyOf(mark: string): string | null {
  return mark.split('.')[1] ?? null;
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** What can't be removed now goes at the next start. */
async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
}
