/** All weights of a checkpoint go into their data files: vision, decoder, token table and lm_head. */
import { join } from 'node:path';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { Parameter } from '../architectures/parameters.ts';
import type { Precision } from '../inference/generation-types.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { int4BlockSize } from '../weights/quantise-int4.ts';
import { calibrationStates } from './calibration-states.ts';
import { createDataFile, type DataFile, type WrittenFile } from './data-file.ts';
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
  source: FloatSource;
  tokenizer: Tokenizer;
  signal: AbortSignal;
  onProgress: (progress: ConversionProgress) => void;
}

/**
 * Writes each part into its file; what the manifest needs to know of them comes back.
 * @throws AppError as readers and writers do; the signal's reason after an abort
 */
export async function storeWeights(
  job: StoreRequest,
): Promise<Pick<ModelManifest, 'files' | 'tensors' | 'tokenTable' | 'notes'>> {
  const { vision, decoder, lmHead } = job.parameters;
  const report = progressOf([...vision, ...decoder, lmHead], job.onProgress);
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
        config: job.config,
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
function progressOf(
  parameters: Parameter[],
  onProgress: StoreRequest['onProgress'],
): (parameter: Parameter) => void {
  const total = parameters.reduce((sum, parameter) => sum + valuesOf(parameter), 0);
  let done = 0;
  return (parameter) => {
    done += valuesOf(parameter);
    onProgress({ done, total, step: parameter.name });
  };
}
