/** Whether a model gets matrices of its own for reading prompts. */
import type { Precision } from '../inference/generation-types.ts';

/**
 * int4 writes fastest and reads slowly: products of many rows do 200 GOPS on two cores where int8 ones do 500 to 600.
 * So up to this many values (1B and 2B) a prompt gets int8 matrices of its own, a byte a value on the disk and in
 * memory; at 8B they would be 6.5 GB, and have to be asked for.
 */
const mostValues = 1.6e9;

/** @param values of the parameters that would be stored twice */
export function readsApartByDefault(values: number, precision: { decoder: Precision }): boolean {
  return canReadApart(precision) && values <= mostValues;
}

/** Elsewhere a decoder's own matrices read as fast. */
export function canReadApart({ decoder }: { decoder: Precision }): boolean {
  return decoder === 'int4';
}
