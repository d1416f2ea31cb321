/** How much memory a model takes when it is loaded, and whether the machine has it. */
import { availableMemory } from 'node:process';
import { AppError } from '../../preload/contract/errors.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { ModelManifest } from '../conversion/model-manifest.ts';

/** Sessions, activations and caches of a short conversation, beside the weights. */
const workingBytes = 256 * 1024 * 1024;

/** What of a manifest tells its weights' size. */
type WeighedManifest = Pick<ModelManifest, 'tensors'> & Partial<Pick<ModelManifest, 'graphs' | 'files'>>;

/** Bytes of the weights as ONNX Runtime holds them: a packed private copy each, fp16 widened to fp32. */
export function estimateLoadedBytes(manifest: WeighedManifest): number {
  let weightBytes = importedBytes(manifest);
  for (const { type, sizeBytes } of Object.values(manifest.tensors))
    weightBytes += type === 'float16' ? 2 * sizeBytes : sizeBytes;
  return weightBytes + workingBytes;
}

/** An imported export's weights lie in its graphs and beside them. */
function importedBytes({ graphs, files = [] }: WeighedManifest): number {
  const names = new Set(
    graphs ? [graphs.vision, graphs.decoder].flatMap(({ file, data }) => [file, ...data]) : [],
  );
  return files.reduce((sum, { name, sizeBytes }) => sum + (names.has(name) ? sizeBytes : 0), 0);
}

/**
 * @param freeBytes default: what the system says this process may still take
 * @throws AppError `out_of_memory` with both figures
 */
export function refuseFullMemory(manifest: WeighedManifest, freeBytes = availableMemory()): void {
  const neededBytes = estimateLoadedBytes(manifest);
  if (neededBytes <= freeBytes) return;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  throw new AppError(
    'out_of_memory',
    `This model needs about ${gigabytes(neededBytes)} GB of memory, ${gigabytes(freeBytes)} GB are free. Close other programs, or choose a smaller precision or model.`,
    { retryable: true },
  );
}

/** Bytes of one token's keys and values in all layers, float32. */
export function kvBytesPerToken({ layerCount, kvHeadCount, headDim }: DecoderConfig): number {
  return 2 * layerCount * kvHeadCount * headDim * 4;
}

/** Share of the free memory, after a model is loaded, that sequences may take together. */
const sequenceShare = 1 / 4;

/** Tokens that all sequences may hold together; one alone may always have the model's whole context. */
export function sequenceTokenLimit(config: DecoderConfig, freeBytes = availableMemory()): number {
  return Math.floor((freeBytes * sequenceShare) / kvBytesPerToken(config));
}

/**
 * For prompts longer than the trained context, which small visual steps allow: what they need is not covered by what
 * was free at load.
 * @throws AppError `out_of_memory` with both figures
 */
export function refuseVastPrompt(config: DecoderConfig, tokens: number, freeBytes = availableMemory()): void {
  const neededBytes = tokens * kvBytesPerToken(config);
  if (tokens <= config.contextLength || neededBytes <= freeBytes) return;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  throw new AppError(
    'out_of_memory',
    `This question of ${tokens} tokens needs ${gigabytes(neededBytes)} GB of memory, ${gigabytes(freeBytes)} GB are free. Use fewer or smaller pictures.`,
  );
}
