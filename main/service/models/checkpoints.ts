/** Checkpoints on this machine: fetched into the library, or lying in Hugging Face's own cache. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Checkpoint } from '../../../preload/contract/model-jobs.ts';
import { listCachedCheckpoints } from './hub/hugging-face-cache.ts';

/** Beside the models, and never taken for one. */
export const checkpointsFolder = 'checkpoints';

interface FoundCheckpoint extends Checkpoint {
  folder: string;
}

/** @param cache of Hugging Face, see `huggingFaceCache` */
export async function findCheckpoints(library: string, cache: string): Promise<FoundCheckpoint[]> {
  const own = join(library, checkpointsFolder);
  const found: FoundCheckpoint[] = [];
  for (const name of await readdir(own).catch((): string[] => [])) {
    const folder = join(own, name);
    if (/\.(?:download|partial|lock|part-only)$/.test(name)) continue;
    if (!(await stat(join(folder, 'config.json')).catch(() => null))) continue;
    found.push({ name, from: 'library', sizeBytes: await folderBytes(folder), folder });
  }
  for (const { repository, commit, folder } of await listCachedCheckpoints(cache)) {
    const name = `${repository}@${commit.slice(0, 12)}`;
    found.push({ name, from: 'hugging-face', sizeBytes: await folderBytes(folder), folder });
  }
  return found;
}

/** @throws AppError `not_found` for one that is not the library's own */
export async function deleteCheckpoint(library: string, name: string): Promise<void> {
  const own = await readdir(join(library, checkpointsFolder)).catch((): string[] => []);
  if (!own.includes(name))
    throw new AppError('not_found', 'This checkpoint is not in the library. Perhaps it was deleted already.');
  await rm(join(library, checkpointsFolder, name), { recursive: true, force: true });
}

async function folderBytes(folder: string): Promise<number> {
  let sizeBytes = 0;
  for (const name of await readdir(folder)) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.isFile()) sizeBytes += found.size;
  }
  return sizeBytes;
}
