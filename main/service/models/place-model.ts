/** Copies a converted model into the library: every byte checked against its manifest before it shows. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestFile, openModelFolder } from '../../../native-models/process/convert-client.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { refuseFullDisk } from './disk.ts';
import { readSeal, sealModelFolder } from './model-seal.ts';

export interface PlaceRequest {
  from: string;
  /** Must not exist. */
  to: string;
  /** What is noted as the copy's origin; default `from`. */
  origin?: string;
  onProgress: (doneBytes: number, totalBytes: number) => void;
  signal: AbortSignal;
}

/**
 * @throws AppError `model_folder_broken` naming the file whose bytes are not those of the manifest, `disk_full`; the
 * signal's reason after an abort, and then nothing is left
 */
export async function placeModel({ from, to, origin, onProgress, signal }: PlaceRequest): Promise<void> {
  const { manifest } = await openModelFolder(from);
  const totalBytes = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const partial = `${to}.partial`;
  try {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 });
    await refuseFullDisk(partial, totalBytes);
    let doneBytes = 0;
    for (const { name, sha256 } of manifest.files) {
      const found = await copyFileHashed(join(from, name), join(partial, name), {
        signal,
        onBytes: (sizeBytes) => {
          doneBytes += sizeBytes;
          onProgress(doneBytes, totalBytes);
        },
      });
      if (found === sha256) continue;
      throw new AppError('model_folder_broken', `The model's file ${name} is damaged. Copy the model again.`);
    }
    await copyFileHashed(join(from, manifestFile), join(partial, manifestFile), {
      signal,
      onBytes: () => {},
    });
    const seal = await readSeal(from);
    const license = seal === 'broken' ? null : (seal?.license ?? null);
    await sealModelFolder(partial, { origin: { type: 'path', path: origin ?? from }, license });
    await rename(partial, to);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Copies one file and waits until it is on the disk. @returns sha256 of what was read, in hex */
export async function copyFileHashed(
  from: string,
  to: string,
  { signal, onBytes }: { signal: AbortSignal; onBytes: (sizeBytes: number) => void },
): Promise<string> {
  const hash = createHash('sha256');
  const out = await open(to, 'wx', 0o600);
  try {
    for await (const chunk of createReadStream(from, { highWaterMark: 1024 * 1024 })) {
      signal.throwIfAborted();
      hash.update(chunk as Buffer);
      await out.writeFile(chunk as Buffer);
      onBytes((chunk as Buffer).byteLength);
    }
    await out.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new AppError('disk_full', 'The disk is full. Free some space and try again.', {
      retryable: true,
      cause: error,
    });
  } finally {
    await out.close();
  }
  return hash.digest('hex');
}
