/** The fidelity check: a model folder beside the weights it was made from, and wider matrices where it misses its aim. */
import { mkdir, rm } from 'node:fs/promises';
import { AppError } from '../../preload/contract/errors.ts';
import { type CheckpointConfig, readCheckpointConfig } from '../conversion/checkpoint-config.ts';
import { asDiskError } from '../conversion/data-file.ts';
import { type FloatSource, floatSourceOf } from '../conversion/float-source.ts';
import { type ModelFolder, openModelFolder } from '../conversion/model-folder.ts';
import { type ModelParameters, modelParameters } from '../conversion/model-parameters.ts';
import { openTokenEmbedder } from '../inference/token-embedder.ts';
import { toPixelValues } from '../media/pixel-values.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { openCheckpointWeights } from '../weights/checkpoint-weights.ts';
import { type CheckProgress, createProgress, type ProgressOf } from './check-progress.ts';
import type { FallbackCandidate } from './choose-fallbacks.ts';
import { type FidelityReport, type KeptMatrix, targetsFor } from './fidelity-report.ts';
import { improveText, improveVision, startBudget } from './improve-model.ts';
import { measureText, referenceStates, type TextReference, textRuns } from './measure-text.ts';
import { measureVision, type VisionReference } from './measure-vision.ts';
import { rewriteFolder } from './rewrite-folder.ts';
import { runStages, type Workplace } from './run-stages.ts';
import { type CheckSample, embedSequences, sampleSequences } from './sample-sequences.ts';
import { convertedWeights, publishedWeights, type WiderMatrices, widenedWeights } from './stage-weights.ts';
import { decoderStages, visionStages } from './stages.ts';

export interface CheckRequest {
  /** The checkpoint folder that the model was converted from. */
  checkpoint: string;
  /** The model folder; its manifest takes the report. */
  folder: string;
  samples: readonly CheckSample[];
  /** Store matrices wider where the model misses its aim; default true. */
  keepWider?: boolean;
  onProgress?: (progress: CheckProgress) => void;
  signal?: AbortSignal;
}

/** What the steps of one check share. */
export interface Check {
  folder: ModelFolder;
  source: FloatSource;
  parameters: ModelParameters;
  place: Omit<Workplace, 'onRun'>;
  progress: ProgressOf;
}

/**
 * Measures the model and writes the report into its manifest. Memory stays near one layer in fp32 and the samples'
 * activations; the disk needs room for that layer beside the model folder.
 * @throws AppError `invalid_request` where folder and checkpoint are different models or there is no text to compare,
 * else as their readers do; the signal's reason after an abort, with the folder as it was
 */
export async function checkModel(request: CheckRequest): Promise<FidelityReport> {
  const signal = request.signal ?? new AbortController().signal;
  const folder = await openModelFolder(request.folder);
  if (folder.manifest.graphs) throw readyMade();
  const checkpoint = await readCheckpointConfig(request.checkpoint);
  refuseOther(folder, checkpoint);
  const weights = await openCheckpointWeights(request.checkpoint);
  const workFolder = `${request.folder}.check`;
  await rm(workFolder, { recursive: true, force: true }); // left by a check that was killed
  await mkdir(workFolder, { mode: 0o700 }).catch(asDiskError);
  let source: FloatSource | null = null;
  try {
    source = floatSourceOf(weights);
    const parameters = modelParameters(checkpoint.config, checkpoint.layout);
    const check: Check = {
      folder,
      source,
      parameters,
      place: { folder: workFolder, signal },
      progress: createProgress(request.onProgress ?? (() => {})),
    };
    return await measureAndReport(check, request);
  } finally {
    await source?.close();
    await weights.close();
    await rm(workFolder, { recursive: true, force: true });
  }
}

async function measureAndReport(check: Check, request: CheckRequest): Promise<FidelityReport> {
  const { folder, source, parameters, place } = check;
  const keepWider = request.keepWider ?? true;
  const targets = targetsFor(folder.manifest.precision.decoder);
  const earlier = folder.manifest.fidelity?.kept ?? [];
  const budget = startBudget(folder.manifest, earlier);

  const seen = await lookAtTiles(check, request.samples);
  const vision = seen && (await improveVision(check, { ...seen, targets, budget, keepWider }));
  const read = await readSamples(check, {
    samples: request.samples,
    published: seen?.reference.visualTokens ?? [],
    own: vision?.visualTokens ?? [],
  });
  const text = await improveText(check, { ...read, targets, budget, keepWider });

  const taken = [...(vision?.taken ?? []), ...text.taken];
  const pictures = request.samples.flatMap((sample) => ('picture' in sample ? [sample.picture] : []));
  const report: FidelityReport = {
    checkedAt: new Date().toISOString(),
    pictures: pictures.length,
    tiles: pictures.reduce((sum, { tileCount }) => sum + tileCount, 0),
    measured: { ...(vision && { vision: vision.measured }), text: text.measured },
    ...(taken.length > 0 && { before: { ...(vision && { vision: vision.before }), text: text.before } }),
    targets,
    kept: keptAfter(earlier, taken),
    budgetBytes: budget.totalBytes,
  };
  const wider: WiderMatrices = new Map(taken.map(({ name, precision }) => [name, precision]));
  const weights = widenedWeights(folder, source, wider);
  await rewriteFolder(folder, report, { parameters, weights, wider, signal: place.signal });
  return report;
}

/** What earlier checks have widened, and what this one has, perhaps further. */
function keptAfter(earlier: readonly KeptMatrix[], taken: readonly FallbackCandidate[]): KeptMatrix[] {
  const kept = new Map(earlier.map((matrix) => [matrix.name, matrix]));
  for (const { name, precision, addedBytes } of taken) {
    kept.set(name, { name, precision, addedBytes: addedBytes + (kept.get(name)?.addedBytes ?? 0) });
  }
  return [...kept.values()];
}

/** The published model's and the converted model's visual tokens of all tiles; null without pictures. */
async function lookAtTiles(check: Check, samples: readonly CheckSample[]) {
  const { config } = check.folder.manifest;
  const side = config.vision.imageSize;
  const tiles = samples.flatMap((sample) => {
    if (!('picture' in sample)) return [];
    const { pixels, tileCount, tileSize } = sample.picture;
    if (tileSize !== side)
      throw new AppError('invalid_request', `This model takes tiles of ${side} pixels, not ${tileSize}.`);
    return Array.from({ length: tileCount }, (_, tile) => toPixelValues(pixels, side, tile, 1));
  });
  if (tiles.length === 0) return null;
  const stages = visionStages(config, check.parameters);
  const place = { ...check.place, onRun: check.progress('vision', 2 * stages.length * tiles.length) };
  const weights = publishedWeights(check.source, 'fp32');
  const visualTokens = await runStages(stages, tiles, { weights, place });
  const reference: VisionReference = { config, stages, tiles, visualTokens };
  const first = await measureVision(reference, convertedWeights(check.folder), place);
  return { reference, first };
}

/** Both models' reading of the samples, each with its own visual tokens. */
async function readSamples(
  check: Check,
  work: { samples: readonly CheckSample[]; published: Float32Array[]; own: Float32Array[] },
) {
  const { manifest, path } = check.folder;
  const { config, systemText } = manifest;
  const tokenizer = await loadTokenizer(path);
  const sequences = sampleSequences(work.samples, { tokenizer, config, systemText });
  if (sequences.every(({ rows }) => rows.length === 0))
    throw new AppError(
      'invalid_request',
      'There is no text to compare answers on. Add a text or a question.',
    );
  const stages = decoderStages(config, check.parameters);
  const embedder = openTokenEmbedder(check.folder);
  try {
    const embeddings = embedSequences(sequences, embedder, work.own);
    const published = embedSequences(sequences, embedder, work.published);
    const place = { ...check.place, onRun: check.progress('text', 2 * textRuns({ stages, sequences })) };
    const { source, parameters } = check;
    const base = { config, parameters, source, stages, sequences };
    const reference: TextReference = {
      ...base,
      normedStates: await referenceStates(base, published, place),
    };
    const first = await measureText(reference, embeddings, {
      weights: convertedWeights(check.folder),
      place,
    });
    return { reference, embeddings, published, first };
  } finally {
    embedder.close();
  }
}

function readyMade(): AppError {
  return new AppError(
    'invalid_request',
    'This model came as a ready-made export, so its layers can’t be compared with published weights. Convert the checkpoint itself to know what its precision costs.',
  );
}

/** Shapes and layout say whether a folder can have been made from a checkpoint; its values are what is measured. */
function refuseOther({ manifest }: ModelFolder, checkpoint: CheckpointConfig): void {
  const same =
    manifest.layout === checkpoint.layout &&
    JSON.stringify(sorted(manifest.config)) === JSON.stringify(sorted(checkpoint.config));
  if (same) return;
  throw new AppError(
    'invalid_request',
    'This model was not converted from that checkpoint. Name the checkpoint it was made from.',
  );
}

/** The same with keys in order, so that two can be compared as text. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
