/** Makes one file of a model folder again from what the folder was made of, and proves by its hash that it is the same. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { Parameter } from '../architectures/parameters.ts';
import type { Precision } from '../inference/generation-types.ts';
import { readTokenizerFiles } from '../text/tokenizer-files.ts';
import { openCheckpointWeights } from '../weights/checkpoint-weights.ts';
import { readCheckpointConfig } from './checkpoint-config.ts';
import { writeTokenizer } from './convert-checkpoint.ts';
import { asDiskError, createDataFile, type DataFile, type WrittenFile } from './data-file.ts';
import { refuseFullDisk, valuesOf } from './disk-space.ts';
import { takeExportFile } from './exports/take-export-file.ts';
import { type FloatSource, floatSourceOf } from './float-source.ts';
import { readModelManifest } from './model-folder.ts';
import { type ModelManifest, type StoredTensor, tokenizerFile } from './model-manifest.ts';
import { modelParameters } from './model-parameters.ts';
import { storeLinear, storeTensor } from './store-parameter.ts';
import { storeTokenTable } from './store-token-table.ts';

export interface MendRequest {
  /** The model folder; its manifest must be whole. */
  folder: string;
  /** The checkpoint or export that it was made from. */
  source: string;
  /** Name of the file to make again. */
  file: string;
  /** Values of the file that are stored. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** What one file is made again of, in a folder of its own. */
export interface Mending {
  manifest: ModelManifest;
  source: string;
  workFolder: string;
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

/**
 * Only this file is read from the source and written; the others stay untouched.
 * @throws AppError `invalid_request` where the source gives other bytes than the manifest promises, `disk_full`, what
 * the source's readers throw; the signal's reason after an abort, with the folder as it was
 */
export async function mendFile(request: MendRequest): Promise<void> {
  const manifest = await readModelManifest(request.folder);
  const promised = manifest.files.find(({ name }) => name === request.file);
  if (!promised) throw new AppError('not_found', 'The model has no file of this name.');
  await refuseFullDisk(dirname(request.folder), promised.sizeBytes);
  const workFolder = `${request.folder}.mending`;
  await rm(workFolder, { recursive: true, force: true }); // left by a repair that was killed
  await mkdir(workFolder, { mode: 0o700 }).catch(asDiskError);
  try {
    const made = await makeFile(request.file, {
      manifest,
      source: request.source,
      workFolder,
      signal: request.signal ?? new AbortController().signal,
      onProgress: request.onProgress ?? (() => {}),
    });
    if (made.sha256 !== promised.sha256) throw otherSource();
    await rename(join(workFolder, made.name), join(request.folder, request.file));
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

async function makeFile(file: string, mending: Mending): Promise<WrittenFile> {
  const { manifest, source, workFolder } = mending;
  if (file === tokenizerFile) return writeTokenizer(workFolder, await readTokenizerFiles(source));
  if (manifest.graphs) return takeExportFile(file, mending);
  const weights = await openCheckpointWeights(source);
  let floats: FloatSource | null = null;
  try {
    floats = floatSourceOf(weights);
    return await storeAgain(file, mending, floats);
  } finally {
    await floats?.close();
    await weights.close();
  }
}

async function storeAgain(file: string, mending: Mending, source: FloatSource): Promise<WrittenFile> {
  const { manifest, signal, workFolder, onProgress } = mending;
  const { config, layout } = await readCheckpointConfig(mending.source);
  const { vision, decoder, lmHead, lmHeadRows, reading } = modelParameters(config, layout);
  const fileOf = ({ name, kind }: Parameter) =>
    manifest.tensors[kind === 'tensor' ? name : `${name}.weight`]?.file;
  // In the order of their storing, which is the order of the architecture's list.
  const own = [...vision, ...decoder, lmHead, lmHeadRows, ...reading].filter(
    (parameter) => fileOf(parameter) === file,
  );
  const total = own.reduce((sum, parameter) => sum + valuesOf(parameter), 0);
  let done = 0;
  return write(join(workFolder, file), async (out) => {
    if (file === manifest.tokenTable.file)
      await storeTokenTable({ source, file: out, fileName: file, config: config.decoder, signal });
    for (const parameter of own) {
      signal.throwIfAborted();
      const target = { source, file: out, tensors: {}, keptWider: [], signal };
      if (parameter.kind === 'tensor') await storeTensor(target, parameter);
      else
        await storeLinear(target, parameter, precisionOf[manifest.tensors[`${parameter.name}.weight`]!.type]);
      done += valuesOf(parameter);
      onProgress(done, total);
    }
  });
}

/** A stored type says which precision it came of, whatever was asked for: wider ones are stored as if asked wider. */
const precisionOf: Record<StoredTensor['type'], Precision> = {
  float32: 'fp32',
  float16: 'fp16',
  int8: 'int8',
  uint8: 'int4',
};

async function write(path: string, fill: (file: DataFile) => Promise<void>): Promise<WrittenFile> {
  const file = await createDataFile(path);
  try {
    await fill(file);
    return await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

function otherSource(): AppError {
  return new AppError(
    'invalid_request',
    'What was named is not what this model was made from, or has changed since. Name the one it was made from, or delete the model and add it again.',
  );
}
