/** Finds the converted model a person means by `--model`, converting a published checkpoint once. */
import { createHash } from 'node:crypto';
import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  manifestFile,
  type Precision,
  partialFolder,
  recipeVersion,
} from '../../../native-models/process/convert-client.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { fingerprintCheckpoint } from './checkpoint-fingerprint.ts';
import { refuseDamagedFolder } from './find-damage.ts';
import { withFolderLock } from './folder-lock.ts';
import { sealModelFolder } from './model-seal.ts';

export interface FindModelRequest {
  /** Folder of a published checkpoint, or a converted one. */
  folder: string;
  /** Precision a checkpoint is converted to. */
  precision: Precision;
  /** Folder of the models converted so far. */
  cache: string;
  /** Makes `out` of the checkpoint; false when it was aborted. */
  convert: (request: { checkpoint: string; out: string; precision: Precision }) => Promise<boolean>;
  signal?: AbortSignal;
  /** Called when another process is converting the same checkpoint and this one waits for it. */
  onWait?: () => void;
}

/** A converted model; a `cached` one may be thrown away and made again. */
export interface FoundModel {
  folder: string;
  cached: boolean;
}

/**
 * Finds or makes the model folder; what a killed process left of the same work is gone on with. A checkpoint's conversion is kept under a name made of its files, the recipe and
 * the precision, and appears there only when whole.
 * @returns null when aborted
 */
export async function findModel(request: FindModelRequest): Promise<FoundModel | null> {
  if (await isModelFolder(request.folder)) return { folder: request.folder, cached: false };
  const key = await cacheKey(request.folder, request.precision);
  const folder = join(request.cache, key);
  if (await isWholeModel(folder)) return { folder, cached: true };
  await makeCacheFolder(request.cache);
  const workFolder = (token: string) => join(request.cache, `making-${token}`);
  const { signal, onWait } = request;
  let leftBy: string | null = null;
  const goOn = async (token: string) => {
    const own = partialFolder(workFolder(token));
    if (leftBy !== null) await rename(partialFolder(workFolder(leftBy)), own).catch(() => {}); // another was faster
    return make(request, folder, workFolder(token));
  };
  try {
    const made = await withFolderLock(`${folder}.lock`, goOn, {
      ...(signal ? { signal } : {}),
      ...(onWait ? { onWait } : {}),
      async onTakeOver(token) {
        leftBy = token;
        await rm(workFolder(token), { recursive: true, force: true });
      },
    });
    return made ? { folder, cached: true } : null;
  } catch (error) {
    if (signal?.aborted) return null;
    throw error;
  }
}

async function make(request: FindModelRequest, folder: string, workFolder: string): Promise<boolean> {
  if (await isWholeModel(folder)) return true; // the one waited for has made it
  const { folder: checkpoint, precision } = request;
  try {
    if (!(await request.convert({ checkpoint, out: workFolder, precision }))) return false;
    await sealModelFolder(workFolder);
    await rm(folder, { recursive: true, force: true });
    await rename(workFolder, folder);
    return true;
  } finally {
    await removeWork(workFolder);
  }
}

async function removeWork(workFolder: string): Promise<void> {
  await rm(workFolder, { recursive: true, force: true });
  await rm(partialFolder(workFolder), { recursive: true, force: true });
}

async function makeCacheFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK);
  } catch (cause) {
    throw new AppError(
      'invalid_request',
      'The folder for converted models can not be written; set INTERNVL_HOME to one that can.',
      { cause },
    );
  }
}

async function cacheKey(checkpoint: string, precision: Precision): Promise<string> {
  const fingerprint = await fingerprintCheckpoint(checkpoint);
  return createHash('sha256')
    .update(`${recipeVersion}\0${precision}\0${fingerprint}`)
    .digest('hex')
    .slice(0, 32);
}

/** A damaged one counts as none, and is made again. */
async function isWholeModel(folder: string): Promise<boolean> {
  if (!(await isModelFolder(folder))) return false;
  try {
    await refuseDamagedFolder(folder);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'model_folder_broken') return false;
    throw error;
  }
}

async function isModelFolder(folder: string): Promise<boolean> {
  return access(join(folder, manifestFile)).then(
    () => true,
    () => false,
  );
}
