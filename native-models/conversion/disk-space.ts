/** How much a conversion will write, and whether the disk has room for it. */
import { statfs } from 'node:fs/promises';
import { AppError } from '../../preload/contract/errors.ts';
import { outputsOf, type Parameter } from '../architectures/parameters.ts';
import type { Precision } from '../inference/generation-types.ts';
import type { ModelParameters } from './model-parameters.ts';
import { readsApartByDefault } from './reads-apart.ts';

/** Values a parameter holds, biases left out. */
export function valuesOf(parameter: Parameter): number {
  if (parameter.kind === 'tensor') return parameter.shape.reduce((product, size) => product * size, 1);
  return outputsOf(parameter) * parameter.inputs;
}

/**
 * Bytes a value takes on the disk, scales included: int4 has one fp16 scale a block of 32, which makes 18 bytes of 32
 * values. In memory it is more (inference/memory-need.ts).
 */
export const storedBytesPerValue: Record<Precision, number> = { fp32: 4, fp16: 2, int8: 1.01, int4: 0.5625 };

/** Values that parameters hold together. */
export function sumOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, parameter) => sum + valuesOf(parameter), 0);
}

/** Upper estimate of a model folder's size; at int4 lm_head is there in 8 bits too, a token table counts as fp32. */
export function estimateFolderBytes(
  { vision, decoder, lmHead, reading }: ModelParameters,
  precision: { vision: Precision; decoder: Precision },
  { readsApart = readsApartByDefault(sumOf(reading), precision) } = {},
): number {
  const bytesOf = (parameters: Parameter[], stored: Precision) =>
    parameters.reduce(
      (sum, parameter) =>
        sum + valuesOf(parameter) * (parameter.kind === 'tensor' ? 4 : storedBytesPerValue[stored]),
      0,
    );
  const headBytes = storedBytesPerValue[precision.decoder] + (precision.decoder === 'int4' ? 1.01 : 0);
  return (
    bytesOf(vision, precision.vision) +
    bytesOf(decoder, precision.decoder) +
    (readsApart ? bytesOf(reading, 'int8') : 0) +
    valuesOf(lmHead) * (headBytes + 4) // the token table is as large
  );
}

/**
 * @param folder one that exists
 * @throws AppError `disk_full` with both figures where its disk has less free
 */
export async function refuseFullDisk(folder: string, neededBytes: number): Promise<void> {
  const disk = await statfs(folder);
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes < neededBytes) {
    const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
    throw new AppError(
      'disk_full',
      `Converting needs ${gigabytes(neededBytes)} GB free, the disk has ${gigabytes(freeBytes)} GB. Free some space or choose another folder.`,
      { retryable: true },
    );
  }
}
