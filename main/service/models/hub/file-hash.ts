/** Checks a file against the hash the Hub promised, while it is written or afterwards. */
import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { HubFile } from './revision.ts';

const readBytes = 1024 * 1024;

/** sha256 of the bytes, or git's blob hash: sha1 over `blob <size>\0` and the bytes. */
export function startHash(file: HubFile): Hash {
  if (file.hash.kind === 'sha256') return createHash('sha256');
  return createHash('sha1').update(`blob ${file.sizeBytes}\0`);
}

/** Feeds `start`…`end` (exclusive) of an open file to the hash. */
export async function hashStretch(
  hash: Hash,
  handle: FileHandle,
  { start, end, signal }: { start: number; end: number; signal: AbortSignal },
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(readBytes, Math.max(end - start, 1)));
  for (let at = start; at < end; ) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) return; // cut short: the hash will not be the promised one
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
