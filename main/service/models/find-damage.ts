/** Finds what has changed in a model folder since it was written: by size and time at each load, byte by byte where asked. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ModelManifest,
  manifestFile,
  openModelFolder,
  parseManifest,
  readModelManifest,
} from '../../../native-models/process/convert-client.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { changeTime, readSeal, type Seal, sealFile, sealModelFolder } from './model-seal.ts';

export interface FileCheck {
  signal?: AbortSignal;
  onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Reads every byte. A folder without a seal is checked against its manifest alone, and sealed.
 * @returns names of files whose bytes are not those written; none where all is well
 * @throws AppError `not_found`, `model_folder_broken` for another version's folder, or where neither manifest nor seal is
 * whole; the signal's reason after an abort
 */
export async function findDamagedFiles(path: string, check: FileCheck = {}): Promise<string[]> {
  const seal = await readSeal(path);
  const damaged: string[] = seal === 'broken' ? [sealFile] : [];
  const manifest = await trustedManifest(path, seal);
  if (isSealed(seal) && (await readManifestText(path)) !== seal.manifest) damaged.push(manifestFile);
  const all = new Set(manifest.files.map(({ name }) => name));
  damaged.push(...(await compareHashes({ path, manifest }, all, check)));
  if (damaged.length === 0) await sealModelFolder(path).catch(() => {}); // a folder that is only read from
  return damaged;
}

/**
 * What a load can afford: sizes and times of all files, the manifest's text, and the hashes of files whose time differs.
 * A broken seal costs reading every byte once; where the manifest then vouches for all of them, it is sealed anew.
 * @throws AppError `model_folder_broken` naming the file, `not_found`
 */
export async function refuseDamagedFolder(path: string): Promise<void> {
  const seal = await readSeal(path);
  if (isSealed(seal) && (await readManifestText(path)) !== seal.manifest) throw damagedModel(manifestFile);
  const opened = await openModelFolder(path);
  if (!seal) return; // made elsewhere, and never checked
  const changed = new Set<string>();
  for (const { name } of opened.manifest.files) {
    if (!isSealed(seal) || seal.changedAt[name] !== (await changeTime(path, name))) changed.add(name);
  }
  if (changed.size === 0) return;
  const [damaged] = await compareHashes(opened, changed, {});
  if (damaged !== undefined) throw damagedModel(damaged);
  await sealModelFolder(path).catch(() => {});
}

/** The seal's copy is asked first: it is known to be as it was written. */
async function trustedManifest(path: string, seal: Seal | 'broken' | null): Promise<ModelManifest> {
  return isSealed(seal) ? parseManifest(seal.manifest) : readModelManifest(path);
}

const isSealed = (seal: Seal | 'broken' | null): seal is Seal => seal !== null && seal !== 'broken';

const readManifestText = (path: string): Promise<string | null> =>
  readFile(join(path, manifestFile), 'utf8').catch(() => null);

async function compareHashes(
  { path, manifest }: { path: string; manifest: ModelManifest },
  names: ReadonlySet<string>,
  { signal, onProgress }: FileCheck,
): Promise<string[]> {
  const files = manifest.files.filter(({ name }) => names.has(name));
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  const damaged: string[] = [];
  for (const { name, sha256, sizeBytes } of files) {
    const found = await lstat(join(path, name)).catch(() => null);
    if (!found?.isFile() || found.size !== sizeBytes) {
      damaged.push(name);
      doneBytes += sizeBytes;
      continue;
    }
    const hash = await hashFile(join(path, name), (readBytes) => {
      signal?.throwIfAborted();
      doneBytes += readBytes;
      onProgress?.(doneBytes, totalBytes);
    });
    if (hash !== sha256) damaged.push(name);
  }
  return damaged;
}

async function hashFile(path: string, onBytes: (sizeBytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer);
    onBytes((chunk as Buffer).byteLength);
  }
  return hash.digest('hex');
}

function damagedModel(name: string): AppError {
  return new AppError(
    'model_folder_broken',
    `The model's file ${name} is not as it was written. Check its files and repair them, or delete the model and add it again.`,
  );
}
