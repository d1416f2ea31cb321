/** A published checkpoint becomes a model folder: tensor by tensor, in the asked precision, visible only when complete. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { Parameter } from '../architectures/parameters.ts';
import type { Precision } from '../inference/generation-types.ts';
import { systemTextFor } from '../text/chat-template.ts';
import { createTokenizer, type Tokenizer } from '../text/tokenizer.ts';
import { readTokenizerFiles, writeTokenizerFile } from '../text/tokenizer-files.ts';
import { openCheckpointWeights } from '../weights/checkpoint-weights.ts';
import { int4BlockSize } from '../weights/quantise-int4.ts';
import { calibrationStates } from './calibration-states.ts';
import { checkParameters } from './check-parameters.ts';
import { type CheckpointConfig, readCheckpointConfig } from './checkpoint-config.ts';
import { createDataFile, type DataFile, type WrittenFile, writeWholeFile } from './data-file.ts';
import { estimateFolderBytes, refuseFullDisk, valuesOf } from './disk-space.ts';
import { type FloatSource, floatSourceOf } from './float-source.ts';
import { chooseLmHeadPrecision, lmHeadKlLimit } from './lm-head-precision.ts';
import { type ModelManifest, manifestFile } from './model-folder.ts';
import { type ModelParameters, modelParameters } from './model-parameters.ts';
import { recipeVersion } from './recipe-version.ts';
import { type StoreTarget, storeLinear, storeTensor } from './store-parameter.ts';
import { storeTokenTable } from './store-token-table.ts';

/** What `--precision` names: the storage of vision and decoder weights. */
const precisionPairs: Record<Precision, { vision: Precision; decoder: Precision }> = {
  fp32: { vision: 'fp32', decoder: 'fp32' },
  fp16: { vision: 'fp16', decoder: 'fp16' },
  int8: { vision: 'int8', decoder: 'int8' },
  int4: { vision: 'int8', decoder: 'int4' },
};

const tokenTableFile = 'tokens.bin';

export interface ConversionRequest {
  /** Checkpoint folder as published. */
  checkpoint: string;
  /** Folder to create; must not exist, or be empty. */
  out: string;
  precision: Precision;
  onProgress?: (progress: { done: number; total: number; step: string }) => void;
  signal?: AbortSignal;
}

/**
 * Converts a checkpoint. The work happens in `OUT.partial` beside the target and is renamed at the end, so a folder
 * that was being made when the power went never looks like a model; the next try starts afresh. The whole checkpoint is
 * looked through before the first byte is written.
 * @throws AppError of the reader (`checkpoint_broken`, `tensor_missing`, …), `checkpoint_unsupported`, `disk_full`,
 * `invalid_request` where OUT holds something or can't be written; the signal's reason after an abort
 */
export async function convertCheckpoint(
  request: ConversionRequest,
): Promise<{ folder: string; manifest: ModelManifest }> {
  await refuseOccupied(request.out);
  const checkpoint = await readCheckpointConfig(request.checkpoint);
  const partial = `${request.out}.partial`;
  await makeWorkFolder(partial);
  try {
    const manifest = await fillFolder(partial, checkpoint, request);
    await takePlace(partial, request.out);
    return { folder: request.out, manifest };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function fillFolder(
  folder: string,
  checkpoint: CheckpointConfig,
  request: ConversionRequest,
): Promise<ModelManifest> {
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
    await refuseFullDisk(dirname(request.out), estimateFolderBytes(parameters, precision));
    const written = await storeWeights({
      folder,
      checkpoint,
      parameters,
      precision,
      source,
      tokenizer: encoder,
      signal,
      request,
    });
    await writeTokenizerFile(folder, tokenizer);
    written.files.push(await describeFile(join(folder, 'tokenizer.json')));
    const manifest: ModelManifest = {
      format: 'internvl-model-folder',
      recipeVersion,
      name: checkpoint.name,
      layout: checkpoint.layout,
      precision,
      config: checkpoint.config,
      systemText: systemTextFor({ layout: checkpoint.layout, template: checkpoint.template }),
      ...written,
    };
    await writeWholeFile(join(folder, manifestFile), JSON.stringify(manifest, null, 1));
    return manifest;
  } finally {
    await source?.close();
    await weights.close();
  }
}

interface StoreRequest {
  folder: string;
  checkpoint: CheckpointConfig;
  parameters: ModelParameters;
  precision: { vision: Precision; decoder: Precision };
  source: FloatSource;
  tokenizer: Tokenizer;
  signal: AbortSignal;
  request: ConversionRequest;
}

/** Vision, decoder, lm_head and token table, each into its file; what the manifest needs to know of them comes back. */
async function storeWeights(
  job: StoreRequest,
): Promise<Pick<ModelManifest, 'files' | 'tensors' | 'tokenTable' | 'notes'>> {
  const { config } = job.checkpoint;
  const { vision, decoder, lmHead } = job.parameters;
  const report = progressOf([...vision, ...decoder, lmHead], job.request);
  const tensors: ModelManifest['tensors'] = {};
  const keptWider: string[] = [];
  const files: WrittenFile[] = [];
  const common = { source: job.source, tensors, keptWider, signal: job.signal };

  files.push(
    await writeFileOf(join(job.folder, 'vision.bin'), async (file) => {
      for (const parameter of vision)
        await store({ ...common, file }, parameter, { precision: job.precision.vision, report });
    }),
  );
  files.push(
    await writeFileOf(join(job.folder, 'decoder.bin'), async (file) => {
      for (const parameter of decoder)
        await store({ ...common, file }, parameter, { precision: job.precision.decoder, report });
    }),
  );
  let tokenTable: ModelManifest['tokenTable'] | undefined;
  files.push(
    await writeFileOf(join(job.folder, tokenTableFile), async (file) => {
      tokenTable = await storeTokenTable({
        source: job.source,
        file,
        fileName: tokenTableFile,
        config: config.decoder,
        signal: job.signal,
      });
    }),
  );
  const head = await lmHeadStorage(job, tensors);
  files.push(
    await writeFileOf(join(job.folder, 'lm-head.bin'), async (file) => {
      await store({ ...common, file }, lmHead, { precision: head.precision, report });
    }),
  );
  const notes = [
    ...head.notes,
    ...(keptWider.length > 0 ? [`${keptWider.length} tensors kept wider than asked`] : []),
    ...keptWider,
  ];
  return { files, tensors, tokenTable: tokenTable!, notes };
}

/** As asked; for int4, 4 or 8 bits by measured loss. */
async function lmHeadStorage(
  job: StoreRequest,
  tensors: ModelManifest['tensors'],
): Promise<{ precision: Precision; notes: string[] }> {
  if (job.precision.decoder !== 'int4') return { precision: job.precision.decoder, notes: [] };
  const { source, signal, folder, tokenizer } = job;
  const config = job.checkpoint.config.decoder;
  // int4 has no room for such a width: storing it says so and takes int8
  if (config.hiddenSize % int4BlockSize !== 0) return { precision: 'int4', notes: [] };
  const states = await calibrationStates({ folder, tensors, source, tokenizer, config });
  const choice = await chooseLmHeadPrecision({ states, source, config, signal });
  const cost = `4 bits there cost ${choice.klDivergence.toFixed(4)} nats KL over ${choice.positions} positions, the limit is ${lmHeadKlLimit}`;
  return { precision: choice.precision, notes: [`lm_head: ${choice.precision}; ${cost}`] };
}

async function store(
  target: StoreTarget,
  parameter: Parameter,
  { precision, report }: { precision: Precision; report: (parameter: Parameter) => void },
): Promise<void> {
  target.signal.throwIfAborted();
  if (parameter.kind === 'tensor') await storeTensor(target, parameter);
  else await storeLinear(target, parameter, precision);
  report(parameter);
}

async function writeFileOf(path: string, fill: (file: DataFile) => Promise<void>): Promise<WrittenFile> {
  const file = await createDataFile(path);
  try {
    await fill(file);
    return await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** Counts values stored, so progress follows the bytes read rather than the number of tensors. */
function progressOf(parameters: Parameter[], request: ConversionRequest): (parameter: Parameter) => void {
  const total = parameters.reduce((sum, parameter) => sum + valuesOf(parameter), 0);
  let done = 0;
  return (parameter) => {
    done += valuesOf(parameter);
    request.onProgress?.({ done, total, step: parameter.name });
  };
}

async function refuseOccupied(out: string): Promise<void> {
  const found = await stat(out).catch(() => null);
  if (!found) return;
  if (!found.isDirectory() || (await readdir(out)).length > 0) {
    throw new AppError('invalid_request', 'The target folder is not empty. Choose a new one.');
  }
}

/** A small file that another module wrote, as the manifest lists it. */
async function describeFile(path: string): Promise<WrittenFile> {
  const bytes = await readFile(path);
  return {
    name: basename(path),
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

async function makeWorkFolder(partial: string): Promise<void> {
  try {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError(
      'invalid_request',
      'The target folder can’t be made there. Choose one in a place that you may write to.',
      { cause },
    );
  }
}

/** What a person has put into OUT in the meantime is never removed. */
async function takePlace(partial: string, out: string): Promise<void> {
  await refuseOccupied(out);
  await rmdir(out).catch(() => {}); // absent, or empty and then replaced
  await rename(partial, out);
}
