/** How much memory a model takes when it is loaded, and whether the machine has it. */
import { availableMemory } from 'node:process';
import { AppError } from '../../preload/contract/errors.ts';
import type { ModelManifest } from '../conversion/model-manifest.ts';

/** Sessions, activations and caches of a short conversation, beside the weights. */
const workingBytes = 256 * 1024 * 1024;

/** Bytes of the weights as ONNX Runtime holds them: a packed private copy each, fp16 widened to fp32. */
export function estimateLoadedBytes(manifest: Pick<ModelManifest, 'tensors'>): number {
  let weightBytes = 0;
  for (const { type, sizeBytes } of Object.values(manifest.tensors))
    weightBytes += type === 'float16' ? 2 * sizeBytes : sizeBytes;
  return weightBytes + workingBytes;
}

/**
 * @param freeBytes default: what the system says this process may still take
 * @throws AppError `out_of_memory` with both figures
 */
export function refuseFullMemory(
  manifest: Pick<ModelManifest, 'tensors'>,
  freeBytes = availableMemory(),
): void {
  const neededBytes = estimateLoadedBytes(manifest);
  if (neededBytes <= freeBytes) return;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  throw new AppError(
    'out_of_memory',
    `This model needs about ${gigabytes(neededBytes)} GB of memory, ${gigabytes(freeBytes)} GB are free. Close other programs, or choose a smaller precision or model.`,
    { retryable: true },
  );
}
