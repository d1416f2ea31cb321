/** Tells checkpoints apart without reading gigabytes: what a conversion's result depends on, in one hash. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';

/** Files a conversion reads. */
const relevantFile = /\.(json|txt|model|safetensors)$/;

/** Smaller files are hashed whole (tens of milliseconds), so a copy of a small checkpoint has the same fingerprint. */
const maxWholeBytes = 64 * 1024 * 1024;

/** A safetensors header lies at the beginning; a published one takes some hundred kilobytes. */
const headBytes = 1024 * 1024;

/**
 * Hashes a checkpoint folder: small files whole; of larger ones the name, size, time of change and first MiB, which
 * holds every tensor's name, shape and place.
 * @returns 64 hex digits
 * @throws AppError `not_found` where there is no folder, or nothing of a checkpoint in it, `file_unreadable` naming a file
 */
export async function fingerprintCheckpoint(folder: string): Promise<string> {
  const entries = await readdir(folder).catch(() => {
    throw new AppError('not_found', 'The model folder does not exist or is no folder. Check --model.');
  });
  const names = entries.filter((name) => relevantFile.test(name)).sort();
  if (!names.some((name) => name.endsWith('.safetensors')) || !names.includes('config.json')) {
    throw new AppError(
      'not_found',
      'The model folder holds neither a checkpoint (config.json and .safetensors files) nor a converted model.',
    );
  }
  const hash = createHash('sha256');
  for (const name of names) {
    await hashFile(hash, folder, name).catch((cause: unknown) => {
      throw new AppError(
        'file_unreadable',
        `The checkpoint's file ${name} can't be read. Check that it is there and that you may read it.`,
        { cause },
      );
    });
  }
  return hash.digest('hex');
}

async function hashFile(hash: Hash, folder: string, name: string): Promise<void> {
  const path = join(folder, name);
  const found = await stat(path, { bigint: true });
  if (!found.isFile()) return;
  hash.update(`${name}\0${found.size}\0`);
  if (found.size <= maxWholeBytes) {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return;
  }
  hash.update(`${found.mtimeNs}\0`);
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(headBytes), position: 0 });
    hash.update(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
