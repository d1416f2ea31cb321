/** Mends a damaged model folder file by file: from the seal where that suffices, else from what the model was made of. */
import { rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DamagedFiles } from '../../../native-models/process/checkpoint-judgement.ts';
import {
  type ConversionProgress,
  manifestFile,
  mendModelFile,
  readModelManifest,
} from '../../../native-models/process/convert-client.ts';
import type { ConvertClient } from '../../../native-models/process/convert-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { findDamagedFiles } from './find-damage.ts';
import type { ModelOrigin } from './model-origin.ts';
import { readSeal, sealFile, sealModelFolder } from './model-seal.ts';
import { copyFileHashed } from './place-model.ts';

export interface RepairOptions {
  /** Makes a folder of what the model was made of: found, fetched or unpacked. Asked only where a file needs it. */
  openOrigin: (origin: ModelOrigin | null, damaged: DamagedFiles) => Promise<string>;
  onProgress: (progress: ConversionProgress) => void;
  signal: AbortSignal;
}

/**
 * @returns names of the files that were mended; none where all was well
 * @throws AppError `not_found` where what the model was made of is gone, `invalid_request` where it is another one,
 * `disk_full`; the signal's reason after an abort: files mended until then stay mended
 */
export async function repairModelFolder(
  convertClient: ConvertClient,
  path: string,
  { openOrigin, onProgress, signal }: RepairOptions,
): Promise<string[]> {
  const tell = (step: string) => (done: number, total: number) =>
    onProgress({ type: 'progress', done, total, step });
  const damaged = await findDamagedFiles(path, { signal, onProgress: tell('reading') });
  if (damaged.length === 0) return [];
  const seal = await readSeal(path);
  const whole = seal === 'broken' ? null : seal;
  if (whole && damaged.includes(manifestFile)) await replaceText(join(path, manifestFile), whole.manifest);
  const files = damaged.filter((name) => name !== manifestFile && name !== sealFile);
  if (files.length > 0) {
    const source = await openOrigin(whole?.origin ?? null, { folder: path, files });
    for (const file of files) {
      if (await isThere(join(source, manifestFile))) await copyAgain({ source, path, file, signal });
      else if (!(await mendModelFile(convertClient, { folder: path, source, file }, { signal, onProgress })))
        throw signal.reason;
    }
  }
  await sealModelFolder(path);
  return damaged;
}

/** From another converted copy of the same model. */
async function copyAgain(from: {
  source: string;
  path: string;
  file: string;
  signal: AbortSignal;
}): Promise<void> {
  const { files } = await readModelManifest(from.path);
  const fresh = join(from.path, `${from.file}.new`);
  const onBytes = () => {};
  const found = await copyFileHashed(join(from.source, from.file), fresh, { signal: from.signal, onBytes });
  if (found !== files.find(({ name }) => name === from.file)?.sha256)
    throw new AppError('invalid_request', 'The other copy of this model is damaged too, or another model.');
  await rename(fresh, join(from.path, from.file));
}

async function replaceText(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

const isThere = async (path: string) => (await stat(path).catch(() => null)) !== null;
