/** The asker's side of the convert process. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';
import type { CheckProgress } from '../fidelity/check-progress.ts';
import type { FidelityReport } from '../fidelity/fidelity-report.ts';
import type { CheckSample } from '../fidelity/sample-sequences.ts';
import { splitBytes } from './byte-pieces.ts';
import type { ConversionEvent, ConvertClient, ConvertContract, WireSample } from './convert-contract.ts';
import { pictureId as pictureIdSchema } from './engine-contract.ts';

export { isBegun, partialFolder } from '../conversion/conversion-journal.ts';
export { isExportFile, isExportFolder } from '../conversion/exports/find-export-files.ts';
export {
  type ModelFolder,
  manifestFile,
  openModelFolder,
  parseManifest,
  readModelManifest,
} from '../conversion/model-folder.ts';
export { type ModelManifest, tokenizerFile } from '../conversion/model-manifest.ts';
export { recipeVersion } from '../conversion/recipe-version.ts';
export type { CheckPart, CheckProgress } from '../fidelity/check-progress.ts';
export { describeFidelity, type FidelitySentence } from '../fidelity/describe-fidelity.ts';
export type { FidelityReport } from '../fidelity/fidelity-report.ts';
export { checkTiling, readSampleList, type SampleList } from '../fidelity/sample-list.ts';
export type { CheckSample } from '../fidelity/sample-sequences.ts';
export type { Precision } from '../inference/generation-types.ts';
export { estimateMemory, usualQuestion } from '../inference/memory-need.ts';

export type ConversionProgress = Extract<ConversionEvent, { type: 'progress' }>;

/**
 * Converts a checkpoint folder into a model folder.
 * @returns false when the signal was aborted before it was whole; the next try into the same `out` goes on
 */
export async function convertInto(
  client: ConvertClient,
  request: z.input<ConvertContract['convertCheckpoint']['input']>,
  options: { onProgress?: (progress: ConversionProgress) => void; signal?: AbortSignal } = {},
): Promise<boolean> {
  return untilDone(client.convertCheckpoint(request, options.signal), options.onProgress);
}

/**
 * Makes a model folder of a ready-made export, see `isExportFolder`.
 * @returns false when the signal was aborted before it was whole; then nothing is left of it
 */
export async function importExportInto(
  client: ConvertClient,
  request: z.input<ConvertContract['importExport']['input']>,
  options: { onProgress?: (progress: ConversionProgress) => void; signal?: AbortSignal } = {},
): Promise<boolean> {
  return untilDone(client.importExport(request, options.signal), options.onProgress);
}

/**
 * Makes one damaged file of a model folder again.
 * @returns false when the signal was aborted before; the folder is then as it was
 */
export async function mendModelFile(
  client: ConvertClient,
  request: z.input<ConvertContract['mendFile']['input']>,
  options: { onProgress?: (progress: ConversionProgress) => void; signal?: AbortSignal } = {},
): Promise<boolean> {
  return untilDone(client.mendFile(request, options.signal), options.onProgress);
}

async function untilDone(
  events: AsyncIterable<ConversionEvent>,
  onProgress: (progress: ConversionProgress) => void = () => {},
): Promise<boolean> {
  let done = false;
  for await (const event of events) {
    if (event.type === 'progress') onProgress(event);
    else done = true;
  }
  return done;
}

export interface CheckModelRequest {
  /** The checkpoint folder that the model was converted from. */
  checkpoint: string;
  folder: string;
  samples: readonly CheckSample[];
  /** Store matrices wider where the model misses its aim; default true. */
  keepWider?: boolean;
}

/**
 * Measures a model folder beside its checkpoint; its manifest then holds the report.
 * @returns null when the signal was aborted before it was done; the folder is then as it was
 */
export async function checkModelPrecision(
  client: ConvertClient,
  { samples, keepWider = true, ...request }: CheckModelRequest,
  options: { onProgress?: (progress: CheckProgress) => void; signal?: AbortSignal } = {},
): Promise<FidelityReport | null> {
  const wireSamples: WireSample[] = [];
  for (const sample of samples) {
    if (options.signal?.aborted) return null;
    wireSamples.push('text' in sample ? { type: 'text', ...sample } : await putSample(client, sample));
  }
  const events = client.checkPrecision({ ...request, keepWider, samples: wireSamples }, options.signal);
  for await (const event of events) {
    if (event.type === 'done') return event.report;
    options.onProgress?.(event);
  }
  if (options.signal?.aborted) return null;
  throw new AppError('internal', 'The check ended without a report.');
}

async function putSample(
  client: ConvertClient,
  { picture, question, answer }: Extract<CheckSample, { picture: unknown }>,
): Promise<WireSample> {
  const pictureId = pictureIdSchema.parse(randomUUID());
  const { pixels, ...header } = picture;
  for (const piece of splitBytes(pixels)) await client.putPicture({ pictureId, header, ...piece });
  return { type: 'picture', pictureId, question, answer };
}
