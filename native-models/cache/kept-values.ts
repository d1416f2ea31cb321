/** How numbers are kept on the disk: as fp16, half the bytes, or as they are where a model's numbers are meant to be exact. */
import { countBeyondHalf, floatsToHalf } from '../weights/dtypes.ts';

/** fp16 for quantised models; fp32 for a part converted at fp32, which people take to compare with. */
export type KeptType = 'F16' | 'F32';

export const valueBytes: Record<KeptType, number> = { F16: 2, F32: 4 };

/** @throws RangeError for a value that fp16 can't hold; it would come back infinite */
export function bytesOf(values: Float32Array, type: KeptType): Uint8Array {
  if (type === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (countBeyondHalf(values) > 0) throw new RangeError('a value is beyond fp16');
  return new Uint8Array(floatsToHalf(values).buffer);
}

/**
 * A copy rounded to what is kept, so that numbers read from the disk equal those just computed; unrounded where a value
 * is beyond fp16, which is never written.
 */
export function roundAsKept(values: Float32Array, type: KeptType): Float32Array {
  const isAsItIs = type === 'F32' || countBeyondHalf(values) > 0;
  return isAsItIs ? values.slice() : new Float32Array(new Float16Array(values));
}
