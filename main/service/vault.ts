/**
 * Where the bytes of attachments lie: files named by their sha256, written whole or not at all. Every stored file byte
 * passes here, so that encryption is a change of this file. Until then the vault keeps bytes as they are.
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { AttachmentId } from '../../preload/contract/ids.ts';

/** First and last byte, both included, as in HTTP. */
export interface ByteRange {
  first: number;
  last: number;
}

export interface StoredFile {
  id: AttachmentId;
  sizeBytes: number;
}

export interface Vault {
  /**
   * Stores bytes and names them; bytes that are there already cost nothing more.
   * @param onStored runs in the same turn as the file gets its name, so that no removal comes between file and row
   * @throws AppError `media_too_large` beyond `maxBytes`; nothing is kept of a write that fails
   */
  write(
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    maxBytes: number,
    onStored: (file: StoredFile) => void,
  ): Promise<StoredFile>;
  /** @throws AppError `not_found` */
  read(id: AttachmentId): Promise<Uint8Array>;
  /** @throws AppError `not_found` */
  stream(id: AttachmentId, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  /** Where another process may read the bytes as they were given; null where they lie in memory, or sealed. */
  path(id: AttachmentId): string | null;
  /** Size in bytes, or null where nothing of this name is stored. */
  size(id: AttachmentId): Promise<number | null>;
  /** Removes the bytes if they are there; at once, so that a check made before still holds. */
  remove(id: AttachmentId): void;
  list(): Promise<AttachmentId[]>;
}

const fileName = /^[0-9a-f]{64}$/;

/** @param folder made with mode 0700 at the first write; files get 0600 */
export function openVault(folder: string): Vault {
  // The path is built from the checked form only, so no id can leave the folder.
  const pathOf = (id: string): string => {
    if (!fileName.test(id)) throw missing();
    return join(folder, id.slice(0, 2), id);
  };
  const size = async (id: AttachmentId): Promise<number | null> => {
    const found = await stat(pathOf(id)).catch(() => null);
    return found?.isFile() ? found.size : null;
  };
  const present = async (id: AttachmentId): Promise<string> => {
    if ((await size(id)) === null) throw missing();
    return pathOf(id);
  };
  return {
    async write(bytes, maxBytes, onStored) {
      const incoming = join(folder, 'incoming');
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      const unfinished = join(incoming, randomUUID());
      try {
        const stored = await writeHashed(unfinished, bytes, maxBytes);
        const path = pathOf(stored.id);
        await mkdir(join(folder, stored.id.slice(0, 2)), { recursive: true, mode: 0o700 });
        if (!existsSync(path)) renameSync(unfinished, path);
        syncFolder(join(folder, stored.id.slice(0, 2)));
        onStored(stored);
        return stored;
      } finally {
        await rm(unfinished, { force: true });
      }
    },
    read: async (id) => readFile(await present(id)),
    stream: async (id, range) =>
      createReadStream(await present(id), range ? { start: range.first, end: range.last } : {}),
    path: pathOf,
    size,
    remove: (id) => rmSync(pathOf(id), { force: true }),
    async list() {
      await rm(join(folder, 'incoming'), { recursive: true, force: true }); // left by a killed write
      const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
      return names.map((name) => name.slice(-64)).filter((name): name is AttachmentId => fileName.test(name));
    },
  };
}

/** A vault in memory, for temporary conversations: nothing of it ever reaches the disk. */
export function openMemoryVault(): Vault {
  const files = new Map<AttachmentId, Uint8Array>();
  const read = async (id: AttachmentId) => files.get(id) ?? Promise.reject(missing());
  return {
    async write(bytes, maxBytes, onStored) {
      const chunks: Uint8Array[] = [];
      let sizeBytes = 0;
      for await (const chunk of bytes) {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
        chunks.push(Uint8Array.from(chunk));
      }
      const whole = Buffer.concat(chunks);
      const id = createHash('sha256').update(whole).digest('hex') as AttachmentId;
      files.set(id, whole);
      onStored({ id, sizeBytes });
      return { id, sizeBytes };
    },
    read,
    stream: async (id, range) =>
      [(await read(id)).subarray(range?.first, range && range.last + 1)].values() as never,
    path: () => null,
    size: async (id) => files.get(id)?.length ?? null,
    remove: (id) => void files.delete(id),
    list: async () => [...files.keys()],
  };
}

async function writeHashed(
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<StoredFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      hash.update(chunk);
      await file.writeFile(chunk); // writes the whole chunk at the current place, unlike write()
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { id: hash.digest('hex') as AttachmentId, sizeBytes };
}

/** Makes the name itself durable; Windows can't open a folder and not every file system can sync one. */
function syncFolder(folder: string): void {
  let handle: number | null = null;
  try {
    handle = openSync(folder, 'r');
    fsyncSync(handle);
  } catch {
    // The file itself is synced.
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

function missing(): AppError {
  return new AppError('not_found', 'This file is not stored any more. Add it again.');
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('media_too_large', `The file is larger than ${Math.floor(maxBytes / 1e6)} MB.`);
}
