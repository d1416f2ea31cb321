/** A ready-made ONNX export in transformers.js layout becomes a model folder: its graphs are looked through and kept. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ModelConfig } from '../../architectures/model-config.ts';
import { cpuDevice } from '../../inference/device.ts';
import type { Precision } from '../../inference/generation-types.ts';
import { openSession } from '../../inference/session.ts';
import { createTokenizer } from '../../text/tokenizer.ts';
import { readTokenizerFiles } from '../../text/tokenizer-files.ts';
import { buildTokenizerJson } from '../../text/tokenizer-json.ts';
import { type CheckpointConfig, readCheckpointConfig } from '../checkpoint-config.ts';
import { findContradiction } from '../config-contradiction.ts';
import { refuseOccupied, takePlace } from '../convert-checkpoint.ts';
import { asDiskError, type WrittenFile, writeWholeFile } from '../data-file.ts';
import { refuseFullDisk } from '../disk-space.ts';
import { manifestFile } from '../model-folder.ts';
import { type ModelManifest, tokenizerFile } from '../model-manifest.ts';
import { recipeVersion } from '../recipe-version.ts';
import { unsupported } from './check-graph.ts';
import { storeExportedTable } from './export-token-table.ts';
import {
  type ExportDtypes,
  type ExportFile,
  type ExportPart,
  exportBytes,
  findExportFiles,
} from './find-export-files.ts';
import { readCacheShape } from './graph-ports.ts';
import { type TakenGraph, takeGraph } from './take-graph.ts';

export interface ExportImportRequest {
  /** Folder with config.json, tokenizer.json and `onnx/`. */
  source: string;
  /** Folder to create; must not exist, or be empty. */
  out: string;
  /** Which of the precisions that are there; default: what suits a CPU. */
  dtypes?: ExportDtypes;
  /** Taken where it is there and no dtype is asked for. */
  precision?: Precision;
  /** Bytes of the graphs and their data that were copied. */
  onProgress?: (doneBytes: number, totalBytes: number) => void;
  signal?: AbortSignal;
}

/**
 * Imports an export. Every graph is parsed and checked before ONNX Runtime sees it, and only what was parsed is kept
 * (reliability T7); the folder appears by one rename, as a converted one does.
 * @throws AppError `not_found`, `checkpoint_broken`, `checkpoint_unsupported`, `path_refused`, `disk_full`,
 * `invalid_request` where OUT holds something; the signal's reason after an abort
 */
export async function importExport(
  request: ExportImportRequest,
): Promise<{ folder: string; manifest: ModelManifest }> {
  await refuseOccupied(request.out);
  const checkpoint = await readCheckpointConfig(request.source);
  const files = await findExportFiles(request.source, request.dtypes ?? {}, request.precision);
  const partial = `${request.out}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 }).catch(asDiskError);
  try {
    const manifest = await fillFolder(partial, { checkpoint, files, request });
    await takePlace(partial, request.out);
    return { folder: request.out, manifest };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function fillFolder(
  folder: string,
  job: {
    checkpoint: CheckpointConfig;
    files: Record<ExportPart, ExportFile>;
    request: ExportImportRequest;
  },
): Promise<ModelManifest> {
  const { checkpoint, files, request } = job;
  const signal = request.signal ?? new AbortController().signal;
  const sourceBytes = await exportBytes(request.source, files);
  let doneBytes = 0;
  const onBytes = (sizeBytes: number) => {
    doneBytes += sizeBytes;
    request.onProgress?.(Math.min(doneBytes, sourceBytes), sourceBytes);
  };
  const take = (part: ExportPart) =>
    takeGraph({ source: request.source, folder, part, from: files[part], signal, onBytes });
  const tokenizer = await readTokenizerFiles(request.source);
  const { vocabularySize, hiddenSize } = checkpoint.config.decoder;
  const tableBytes = 4 * vocabularySize * hiddenSize;
  await refuseFullDisk(dirname(request.out), sourceBytes + tableBytes);
  const vision = await take('vision');
  const decoder = await take('decoder');
  const tokens = await take('tokens');
  const config = withCacheShape(checkpoint.config, decoder, files.decoder.file);
  if (createTokenizer(tokenizer).vocabularySize > config.decoder.vocabularySize) {
    throw new AppError('checkpoint_broken', 'The export contradicts itself: it has more tokens than rows.');
  }
  const table = await storeExportedTable({ folder, taken: tokens, config: config.decoder, signal });
  await tryGraph(folder, vision, files.vision.file);
  await tryGraph(folder, decoder, files.decoder.file);
  const tokenizerJson = JSON.stringify(buildTokenizerJson(tokenizer, tokenizer.addedTokens));
  const written: WrittenFile[] = [
    vision.graph,
    ...vision.data,
    decoder.graph,
    ...decoder.data,
    table.file,
    await writeWholeFile(join(folder, tokenizerFile), tokenizerJson),
  ];
  const manifest: ModelManifest = {
    format: 'internvl-model-folder',
    recipeVersion,
    name: checkpoint.name,
    layout: checkpoint.layout,
    precision: { vision: files.vision.precision, decoder: files.decoder.precision },
    config,
    systemText: checkpoint.systemText,
    files: written,
    tensors: {},
    graphs: { vision: placeOf(vision), decoder: placeOf(decoder) },
    tokenTable: table.tokenTable,
    notes: [`imported: ${files.vision.file}, ${files.decoder.file}, ${files.tokens.file}`],
  };
  await writeWholeFile(join(folder, manifestFile), JSON.stringify(manifest, null, 1));
  return manifest;
}

/** @throws AppError `checkpoint_unsupported` where ONNX Runtime can't load it: better now than at the first question */
async function tryGraph(folder: string, { graph }: TakenGraph, file: string): Promise<void> {
  const bytes = await readFile(join(folder, graph.name));
  const session = await openSession(bytes, { folder, device: cpuDevice, threads: 0 }).catch(
    (error: unknown) => {
      throw error instanceof AppError && error.code === 'out_of_memory'
        ? error
        : unsupported(file, 'ONNX Runtime refuses it');
    },
  );
  await session.release();
}

const placeOf = ({ graph, data }: TakenGraph) => ({ file: graph.name, data: data.map(({ name }) => name) });

/** Layers and heads are the graph's: an export may repeat heads, or leave layers out. */
function withCacheShape(config: ModelConfig, { model }: TakenGraph, file: string): ModelConfig {
  const read = { ...config, decoder: { ...config.decoder, ...readCacheShape(model.graph!, file) } };
  const contradiction = findContradiction(read);
  if (contradiction === null) return read;
  throw new AppError('checkpoint_broken', `The export contradicts itself: ${contradiction}.`);
}
