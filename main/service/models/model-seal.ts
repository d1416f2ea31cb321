/** Finds what has changed in a model folder since it was written: by size and time at each load, byte by byte where asked. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type ModelFolder,
  manifestFile,
  openModelFolder,
} from '../../../native-models/process/convert-client.ts';
import { AppError } from '../../../preload/contract/errors.ts';

/** Lies in the model folder; holds what the manifest can't say of itself, and when each file was last found right. */
export const sealFile = 'seal.json';

const sealSchema = z.strictObject({
  manifestSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Time of change of each file when its bytes were last known to be right, in nanoseconds. */
  changedAt: z.record(z.string(), z.string().regex(/^\d+$/)),
});
type Seal = z.infer<typeof sealSchema>;

export interface FileCheck {
  signal?: AbortSignal;
  onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** Notes that the folder is as it should be; to be called by whoever has just written or checked it. */
export async function sealModelFolder(path: string): Promise<void> {
  const { manifest } = await openModelFolder(path);
  const changedAt: Seal['changedAt'] = {};
  for (const { name } of manifest.files) changedAt[name] = await changeTime(path, name);
  const seal: Seal = { manifestSha256: await hashFile(join(path, manifestFile)), changedAt };
  const file = join(path, sealFile);
  await writeFile(`${file}.new`, JSON.stringify(seal), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/**
 * Reads every byte. A folder without a seal is checked against its manifest alone, and sealed.
 * @returns names of files whose bytes are not those written; none where all is well
 * @throws AppError `not_found`, `model_folder_broken` for another version's folder; the signal's reason after an abort
 */
export async function findDamagedFiles(path: string, check: FileCheck = {}): Promise<string[]> {
  const seal = await readSeal(path);
  if (seal && (await hashFile(join(path, manifestFile)).catch(() => null)) !== seal.manifestSha256)
    return [manifestFile];
  const opened = await openModelFolder(path).catch(async (error: unknown) => {
    const isBroken = error instanceof AppError && error.code === 'model_folder_broken';
    const name = isBroken ? await firstBrokenFile(path) : null;
    // A manifest that is as it was sealed is not damaged: another version of the app wrote it, and the error says so.
    if (name === null || (seal && name === manifestFile)) throw error;
    return name;
  });
  if (typeof opened === 'string') return [opened];
  const damaged = await compareHashes(opened, new Set(opened.manifest.files.map(({ name }) => name)), check);
  if (damaged.length === 0) await sealModelFolder(path).catch(() => {}); // a folder that is only read from
  return damaged;
}

/**
 * What a load can afford: sizes and times of all files, the manifest's hash, and the hashes of files whose time differs.
 * @throws AppError `model_folder_broken` naming the file, `not_found`
 */
export async function refuseDamagedFolder(path: string): Promise<void> {
  const opened = await openModelFolder(path);
  const seal = await readSeal(path);
  if (!seal) return; // made elsewhere, and never checked
  if ((await hashFile(join(path, manifestFile))) !== seal.manifestSha256) throw damagedModel(manifestFile);
  const changed = new Set<string>();
  for (const { name } of opened.manifest.files) {
    if (seal.changedAt[name] !== (await changeTime(path, name))) changed.add(name);
  }
  if (changed.size === 0) return;
  const [damaged] = await compareHashes(opened, changed, {});
  if (damaged !== undefined) throw damagedModel(damaged);
  await sealModelFolder(path).catch(() => {});
}

async function compareHashes(
  { path, manifest }: ModelFolder,
  names: ReadonlySet<string>,
  { signal, onProgress }: FileCheck,
): Promise<string[]> {
  const files = manifest.files.filter(({ name }) => names.has(name));
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  const damaged: string[] = [];
  for (const { name, sha256 } of files) {
    const found = await hashFile(join(path, name), (sizeBytes) => {
      signal?.throwIfAborted();
      doneBytes += sizeBytes;
      onProgress?.(doneBytes, totalBytes);
    });
    if (found !== sha256) damaged.push(name);
  }
  return damaged;
}

async function hashFile(path: string, onBytes: (sizeBytes: number) => void = () => {}): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer);
    onBytes((chunk as Buffer).byteLength);
  }
  return hash.digest('hex');
}

/** Which file keeps the folder from being opened, where the manifest still says which there should be. */
async function firstBrokenFile(path: string): Promise<string> {
  const listed = z.object({ files: z.array(z.object({ name: z.string(), sizeBytes: z.number() })) });
  try {
    const { files } = listed.parse(JSON.parse(await readFile(join(path, manifestFile), 'utf8')));
    for (const { name, sizeBytes } of files) {
      const found = await stat(join(path, name)).catch(() => null);
      if (found?.size !== sizeBytes) return name;
    }
  } catch {
    // Then it is the manifest.
  }
  return manifestFile;
}

async function readSeal(path: string): Promise<Seal | null> {
  const text = await readFile(join(path, sealFile), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return sealSchema.parse(JSON.parse(text));
  } catch {
    throw damagedModel(sealFile);
  }
}

async function changeTime(path: string, name: string): Promise<string> {
  return String((await stat(join(path, name), { bigint: true })).mtimeNs);
}

function damagedModel(name: string): AppError {
  return new AppError(
    'model_folder_broken',
    `The model's file ${name} is not as it was written. Delete the model and add it again.`,
  );
}
