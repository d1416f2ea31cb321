/** Whether this machine has the memory: for a model before it is loaded, for a prompt before it is read. */
import { availableMemory } from 'node:process';
import { AppError } from '../../preload/contract/errors.ts';
import type { DecoderConfig, ModelConfig } from '../architectures/model-config.ts';
import type { ModelManifest } from '../conversion/model-manifest.ts';
import {
  estimateMemory,
  kvBytes,
  kvBytesPerToken,
  type MemoryCircumstances,
  promptBytes,
  visionBytes,
  type WeighedManifest,
} from './memory-need.ts';

/** Runs of the vision encoder keep their buffers, which is a seventh faster, where that takes no more of what is free. */
const visionShare = 1 / 4;

/** How many of a tile's runs are to keep their buffers: all, or 1 for none. */
export function visionBuffersFor(
  { vision }: ModelConfig,
  runs: number,
  freeBytes = availableMemory(),
): number {
  return visionBytes(vision, runs) <= visionShare * freeBytes ? runs : 1;
}

/**
 * @param freeBytes default: what the system says this process may still take
 * @throws AppError `out_of_memory` with both figures and what would help
 */
export function refuseFullMemory(
  manifest: WeighedManifest & Pick<ModelManifest, 'precision'>,
  circumstances: MemoryCircumstances,
  freeBytes = availableMemory(),
): void {
  const { peakBytes, programBytes, weightsByDevice } = estimateMemory(manifest, circumstances);
  if (peakBytes <= freeBytes) return;
  const isQuestion = programBytes + (weightsByDevice.cpu ?? 0) <= freeBytes;
  const smaller = manifest.precision.decoder === 'int4' ? 'a smaller model' : 'a smaller precision or model';
  throw new AppError(
    'out_of_memory',
    `This model needs about ${gigabytes(peakBytes)} GB of memory, ${gigabytes(freeBytes)} GB are free. Close other programs, ${isQuestion ? 'use fewer pictures, ' : ''}or choose ${smaller}.`,
    { retryable: true },
  );
}

/** Share of the free memory, after a model is loaded, that sequences may take together. */
const sequenceShare = 1 / 4;

/** Tokens that all sequences may hold together; one alone may always have the model's whole context. */
export function sequenceTokenLimit(config: DecoderConfig, freeBytes = availableMemory()): number {
  return Math.floor((freeBytes * sequenceShare) / kvBytesPerToken(config));
}

/**
 * What a prompt of this many tokens, pictures among them, takes beside the loaded model.
 * @throws AppError `out_of_memory` with both figures
 */
export function refuseVastPrompt(config: DecoderConfig, tokens: number, freeBytes = availableMemory()): void {
  const neededBytes = kvBytes(config, tokens) + promptBytes(config, tokens);
  if (neededBytes <= freeBytes) return;
  throw new AppError(
    'out_of_memory',
    `This question of ${tokens} tokens needs ${gigabytes(neededBytes)} GB of memory, ${gigabytes(freeBytes)} GB are free. Use fewer or smaller pictures, or close other programs.`,
  );
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
