/** A published checkpoint becomes a model folder: tensor by tensor, in the asked precision, visible only when complete. */
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { Precision } from '../inference/generation-types.ts';
import { createTokenizer } from '../text/tokenizer.ts';
import { readTokenizerFiles, type TokenizerFiles } from '../text/tokenizer-files.ts';
import { buildTokenizerJson } from '../text/tokenizer-json.ts';
import { openCheckpointWeights } from '../weights/checkpoint-weights.ts';
import { checkParameters } from './check-parameters.ts';
import { type CheckpointConfig, readCheckpointConfig } from './checkpoint-config.ts';
import {
  type ConversionJournal,
  canGoOn,
  conversionKey,
  openJournal,
  partialFolder,
} from './conversion-journal.ts';
import { asDiskError, type WrittenFile, writeWholeFile } from './data-file.ts';
import { estimateFolderBytes, refuseFullDisk, sumOf } from './disk-space.ts';
import { type FloatSource, floatSourceOf } from './float-source.ts';
import { manifestFile } from './model-folder.ts';
import { type ModelManifest, tokenizerFile } from './model-manifest.ts';
import { modelParameters } from './model-parameters.ts';
import { canReadApart, readsApartByDefault } from './reads-apart.ts';
import { recipeVersion } from './recipe-version.ts';
import { type ConversionProgress, storeWeights } from './store-weights.ts';

/** What `--precision` names: the storage of vision and decoder weights. */
const precisionPairs: Record<Precision, { vision: Precision; decoder: Precision }> = {
  fp32: { vision: 'fp32', decoder: 'fp32' },
  fp16: { vision: 'fp16', decoder: 'fp16' },
  int8: { vision: 'int8', decoder: 'int8' },
  int4: { vision: 'int8', decoder: 'int4' },
};

export interface ConversionRequest {
  /** Checkpoint folder as published. */
  checkpoint: string;
  /** Folder to create; must not exist, or be empty. */
  out: string;
  precision: Precision;
  /** Matrices for reading prompts beside int4 ones: larger and faster. Default: up to 2B (reads-apart.ts). */
  readsApart?: boolean | undefined;
  onProgress?: (progress: ConversionProgress) => void;
  signal?: AbortSignal;
  /** How often the disk learns how far it is; default 2 s. */
  markEveryMs?: number;
}

/**
 * Converts a checkpoint. The work happens in `OUT.partial` beside the target and is renamed at the end, so a folder
 * that was being made when the power went never looks like a model. After an abort or a kill the partial folder stays,
 * and the next try of the same checkpoint, precision and OUT goes on from there; after any other error it is removed.
 * The whole checkpoint is looked through before the first byte is written.
 * @throws AppError of the reader (`checkpoint_broken`, `tensor_missing`, …), `checkpoint_unsupported`, `disk_full`,
 * `invalid_request` where OUT holds something or can't be written; the signal's reason after an abort
 */
export async function convertCheckpoint(
  request: ConversionRequest,
): Promise<{ folder: string; manifest: ModelManifest }> {
  await refuseOccupied(request.out);
  const checkpoint = await readCheckpointConfig(request.checkpoint);
  const partial = partialFolder(request.out);
  const key = await conversionKey(request.checkpoint, request);
  await makeWorkFolder(partial, { keep: await canGoOn(partial, key) });
  try {
    const journal = await openJournal(partial, key);
    const manifest = await fillFolder(partial, { checkpoint, request, journal });
    await journal.remove();
    await takePlace(partial, request.out);
    return { folder: request.out, manifest };
  } catch (error) {
    if (!request.signal?.aborted) await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function fillFolder(
  folder: string,
  job: { checkpoint: CheckpointConfig; request: ConversionRequest; journal: ConversionJournal },
): Promise<ModelManifest> {
  const { checkpoint, request, journal } = job;
  const signal = request.signal ?? new AbortController().signal;
  const tokenizer = await readTokenizerFiles(request.checkpoint);
  const weights = await openCheckpointWeights(request.checkpoint);
  let source: FloatSource | null = null;
  try {
    const precision = precisionPairs[request.precision];
    source = floatSourceOf(weights);
    const parameters = modelParameters(checkpoint.config, checkpoint.layout);
    const encoder = createTokenizer(tokenizer);
    checkParameters(source, parameters, { config: checkpoint.config.decoder, tokenizer: encoder });
    const { readsApart = readsApartByDefault(sumOf(parameters.reading), precision) } = request;
    const storage = { readsApart: readsApart && canReadApart(precision) };
    const neededBytes = estimateFolderBytes(parameters, precision, storage) - writtenBytes(journal);
    await refuseFullDisk(dirname(request.out), neededBytes);
    const written = await storeWeights({
      folder,
      config: checkpoint.config.decoder,
      parameters,
      precision,
      ...storage,
      source,
      tokenizer: encoder,
      signal,
      onProgress: request.onProgress ?? (() => {}),
      journal,
      ...(request.markEveryMs !== undefined && { markEveryMs: request.markEveryMs }),
    });
    const manifest: ModelManifest = {
      format: 'internvl-model-folder',
      recipeVersion,
      name: checkpoint.name,
      layout: checkpoint.layout,
      precision,
      config: checkpoint.config,
      ...(checkpoint.isCritic && { isCritic: true }),
      systemText: checkpoint.systemText,
      ...written,
      files: [...written.files, await writeTokenizer(folder, tokenizer)],
    };
    await rm(join(folder, manifestFile), { force: true }); // left by a run that was killed between this and the rename
    await writeWholeFile(join(folder, manifestFile), JSON.stringify(manifest, null, 1));
    return manifest;
  } finally {
    await source?.close();
    await weights.close();
  }
}

function writtenBytes({ progress }: ConversionJournal): number {
  const finished = progress.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return finished + (progress.open?.sizeBytes ?? 0);
}

/** The tokenizer's file, as every model folder has it. */
export async function writeTokenizer(folder: string, files: TokenizerFiles): Promise<WrittenFile> {
  const path = join(folder, tokenizerFile);
  await rm(path, { force: true });
  return writeWholeFile(path, JSON.stringify(buildTokenizerJson(files, files.addedTokens)));
}

/** @throws AppError `invalid_request` where a folder to create is there and holds something */
export async function refuseOccupied(out: string): Promise<void> {
  const found = await stat(out).catch(() => null);
  if (!found) return;
  if (!found.isDirectory() || (await readdir(out)).length > 0) {
    throw new AppError('invalid_request', 'The target folder is not empty. Choose a new one.');
  }
}

async function makeWorkFolder(partial: string, { keep }: { keep: boolean }): Promise<void> {
  try {
    if (!keep) await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 }).catch(asDiskError);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      'invalid_request',
      'The target folder can’t be made there. Choose one in a place that you may write to.',
      { cause },
    );
  }
}

/** What a person has put into OUT in the meantime is never removed. */
export async function takePlace(partial: string, out: string): Promise<void> {
  await refuseOccupied(out);
  await rmdir(out).catch(() => {}); // absent, or empty and then replaced
  await rename(partial, out);
}
