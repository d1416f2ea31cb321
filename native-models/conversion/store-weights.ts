/** All weights of a checkpoint go into their data files: vision, decoder, token table and lm_head. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { Parameter } from '../architectures/parameters.ts';
import type { Precision } from '../inference/generation-types.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { int4BlockSize } from '../weights/quantise-int4.ts';
import { calibrationStates } from './calibration-states.ts';
import type { ConversionJournal } from './conversion-journal.ts';
import { createDataFile, type DataFile, resumeDataFile } from './data-file.ts';
import { valuesOf } from './disk-space.ts';
import type { FloatSource } from './float-source.ts';
import { chooseLmHeadPrecision, lmHeadKlLimit } from './lm-head-precision.ts';
import type { ModelManifest } from './model-manifest.ts';
import type { ModelParameters } from './model-parameters.ts';
import { type StoreTarget, storeLinear, storeTensor } from './store-parameter.ts';
import { storeTokenTable } from './store-token-table.ts';

const tokenTableFile = 'tokens.bin';

/** How far a conversion is, in values stored. */
export interface ConversionProgress {
  done: number;
  total: number;
  /** The parameter stored last. */
  step: string;
}

export interface StoreRequest {
  folder: string;
  config: DecoderConfig;
  parameters: ModelParameters;
  precision: { vision: Precision; decoder: Precision };
  /** Whether matrices for reading prompts are stored beside those of the decoder. */
  readsApart: boolean;
  source: FloatSource;
  tokenizer: Tokenizer;
  signal: AbortSignal;
  onProgress: (progress: ConversionProgress) => void;
  /** Of the folder: what an earlier run has stored is not stored again. */
  journal: ConversionJournal;
  /** Time between two marks in it; default 2 s. */
  markEveryMs?: number;
}

/** Between two marks in the journal: what a kill may cost at most, beside the parameter being stored. */
const usualMarkMs = 2000;

/**
 * Writes each part into its file, or the rest of what the journal does not name yet; what the manifest needs to know of
 * them comes back.
 * @throws AppError as readers and writers do; the signal's reason after an abort
 */
export async function storeWeights(
  job: StoreRequest,
): Promise<Pick<ModelManifest, 'files' | 'tensors' | 'tokenTable' | 'notes'>> {
  const { vision, decoder, lmHead, lmHeadRows } = job.parameters;
  const reading = job.readsApart ? job.parameters.reading : [];
  const { progress } = job.journal;
  const report = progressOf([...vision, ...decoder, ...reading, lmHead], job.onProgress);
  await storeFile(job, { name: 'vision.bin', parameters: vision, precision: job.precision.vision, report });
  await storeFile(job, {
    name: 'decoder.bin',
    parameters: decoder,
    precision: job.precision.decoder,
    report,
  });
  if (job.readsApart)
    await storeFile(job, { name: 'reading.bin', parameters: reading, precision: 'int8', report });
  await storeTable(job);
  progress.head ??= await lmHeadStorage(job, progress.tensors);
  const { precision, notes: headNotes } = progress.head;
  await storeFile(job, { name: 'lm-head.bin', parameters: [lmHead], precision, report });
  if (progress.tensors[`${lmHead.name}.weight`]?.type === 'uint8')
    await storeFile(job, { name: 'lm-head-rows.bin', parameters: [lmHeadRows], precision: 'int8', report });
  const { files, tensors, keptWider, tokenTable } = progress;
  const notes = [
    ...headNotes,
    ...(keptWider.length > 0 ? [`${keptWider.length} tensors kept wider than asked`] : []),
    ...keptWider,
  ];
  return { files, tensors, tokenTable: tokenTable!, notes };
}

/** One data file: skipped where it is whole, gone on with where it was begun. */
async function storeFile(
  job: StoreRequest,
  part: {
    name: string;
    parameters: Parameter[];
    precision: Precision;
    report: (parameter: Parameter) => void;
  },
): Promise<void> {
  const { name, parameters, report } = part;
  const { progress, save } = job.journal;
  if (await isWhole(job, name)) {
    for (const parameter of parameters) report(parameter);
    return;
  }
  const path = join(job.folder, name);
  const begun = progress.open?.name === name ? progress.open : null;
  const resumed = begun && (await resumeDataFile(path, begun));
  const storedBefore = resumed ? begun!.parameters : 0;
  for (const parameter of parameters.slice(0, storedBefore)) report(parameter);
  const { tensors, keptWider } = progress;
  if (begun && !resumed) forgetNotes(keptWider, parameters);
  const { source, signal } = job;
  await fillFile(path, resumed, async (file) => {
    let markedMs = performance.now();
    for (const [index, parameter] of parameters.entries()) {
      if (index < storedBefore) continue;
      await store({ source, file, tensors, keptWider, signal }, parameter, part);
      if (!signal.aborted && performance.now() - markedMs < (job.markEveryMs ?? usualMarkMs)) continue;
      progress.open = { ...(await file.mark()), parameters: index + 1 };
      await save();
      markedMs = performance.now();
    }
    progress.files.push(await file.finish());
    progress.open = null;
    await save();
  });
}

/** What is stored anew is noted anew. */
function forgetNotes(keptWider: string[], parameters: Parameter[]): void {
  const isAbout = (note: string) => parameters.some(({ name }) => note.startsWith(`${name}:`));
  const kept = keptWider.filter((note) => !isAbout(note));
  keptWider.splice(0, keptWider.length, ...kept);
}

async function storeTable(job: StoreRequest): Promise<void> {
  const { progress, save } = job.journal;
  if (progress.tokenTable && (await isWhole(job, tokenTableFile))) return;
  const { source, config, signal } = job;
  await fillFile(join(job.folder, tokenTableFile), null, async (file) => {
    progress.tokenTable = await storeTokenTable({ source, file, fileName: tokenTableFile, config, signal });
    progress.files.push(await file.finish());
    await save();
  });
}

/** Read back, since a kill may come with a power failure; also forgets a file that is not as the journal says. */
async function isWhole({ folder, journal }: StoreRequest, name: string): Promise<boolean> {
  const { progress } = journal;
  const written = progress.files.find((file) => file.name === name);
  if (!written) return false;
  const file = await resumeDataFile(join(folder, name), written);
  await file?.abandon();
  if (file) return true;
  progress.files = progress.files.filter((file) => file !== written);
  return false;
}

/** Where nothing can be gone on with, what lies there is replaced. */
async function fillFile(
  path: string,
  resumed: DataFile | null,
  fill: (file: DataFile) => Promise<void>,
): Promise<void> {
  if (!resumed) await rm(path, { force: true });
  const file = resumed ?? (await createDataFile(path));
  try {
    await fill(file);
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** As asked; for int4, 4 or 8 bits by measured loss. */
async function lmHeadStorage(
  job: StoreRequest,
  tensors: ModelManifest['tensors'],
): Promise<{ precision: Precision; notes: string[] }> {
  if (job.precision.decoder !== 'int4') return { precision: job.precision.decoder, notes: [] };
  const { source, signal, folder, tokenizer, config } = job;
  // int4 has no room for such a width: storing it says so and takes int8
  if (config.hiddenSize % int4BlockSize !== 0) return { precision: 'int4', notes: [] };
  const states = await calibrationStates({ folder, tensors, source, tokenizer, config, signal });
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

/** Counts values stored, so progress follows the bytes read rather than the number of tensors. */
function progressOf(
  parameters: Parameter[],
  onProgress: StoreRequest['onProgress'],
): (parameter: Parameter) => void {
  const total = parameters.reduce((sum, parameter) => sum + valuesOf(parameter), 0);
  let done = 0;
  return (parameter) => {
    done += valuesOf(parameter);
    onProgress({ done: Math.min(done, total), total, step: parameter.name }); // rows of lm_head are stored once more
  };
}
