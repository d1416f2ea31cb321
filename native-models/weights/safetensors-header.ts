/** Reads a safetensors header strictly: every byte of the file must belong to exactly one tensor (format: huggingface/safetensors README). */
import { type DType, dtypeBits, isDType } from './dtypes.ts';
import { brokenFile } from './plain-file.ts';
import { shownName } from './shown-name.ts';
import { parseStrictJson, type StrictJson, StrictJsonError } from './strict-json.ts';

/** Length field in front of the header. */
export const lengthFieldBytes = 8;

/** safetensors' own limit. */
export const maxHeaderBytes = 100_000_000;

/** One tensor and where its bytes lie in the file. */
export interface TensorEntry {
  name: string;
  dtype: DType;
  shape: readonly number[];
  /** From the start of the file. */
  byteOffset: number;
  sizeBytes: number;
}

/**
 * Reads the tensors of a header by name. Stricter than safetensors itself on purpose: the header starts with `{`, no key
 * comes twice, an entry is an object of exactly dtype, shape and data_offsets, and no size passes 2^53.
 * @param header.bytes the JSON behind the length field
 * @param header.bodyBytes what is left of the file behind it
 * @param header.file base name for messages
 * @throws AppError `checkpoint_broken` naming file and tensor
 */
export function parseSafetensorsHeader(header: {
  bytes: Uint8Array;
  bodyBytes: number;
  file: string;
}): Map<string, TensorEntry> {
  const json = parseJson(header.bytes, header.file);
  const bodyStart = lengthFieldBytes + header.bytes.length;
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of json) {
    if (name === '__metadata__') checkMetadata(value, header.file);
    else tensors.set(name, readEntry(name, value, { bodyStart, file: header.file }));
  }
  assertGapless([...tensors.values()], { bodyStart, bodyBytes: header.bodyBytes, file: header.file });
  return tensors;
}

function parseJson(bytes: Uint8Array, file: string): Map<string, StrictJson> {
  if (bytes[0] !== 0x7b) throw brokenFile(file, 'its header does not begin with {');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw brokenFile(file, 'its header is not UTF-8');
  }
  try {
    return parseStrictJson(text) as Map<string, StrictJson>; // begins with {, so it is an object
  } catch (error) {
    if (error instanceof StrictJsonError) throw brokenFile(file, `its header is not valid: ${error.message}`);
    throw error;
  }
}

function checkMetadata(value: StrictJson, file: string): void {
  if (!(value instanceof Map)) throw brokenFile(file, 'its __metadata__ is no object');
  for (const text of value.values())
    if (typeof text !== 'string') throw brokenFile(file, 'its __metadata__ holds more than text');
}

const entryKeys = new Set(['dtype', 'shape', 'data_offsets']);

function readEntry(
  name: string,
  value: StrictJson,
  { bodyStart, file }: { bodyStart: number; file: string },
): TensorEntry {
  const bad = (what: string) => brokenFile(file, `its tensor ${shownName(name)} ${what}`);
  if (!(value instanceof Map)) throw bad('is no object');
  for (const key of value.keys())
    if (!entryKeys.has(key)) throw bad(`has an unknown field ${shownName(key)}`);
  const dtype = value.get('dtype');
  if (typeof dtype !== 'string' || !isDType(dtype)) throw bad('has an unknown type');
  const shape = wholeNumbers(value.get('shape'));
  if (!shape) throw bad('has a shape that is no list of sizes');
  const offsets = wholeNumbers(value.get('data_offsets'));
  if (offsets?.length !== 2) throw bad('has no two offsets');
  const [begin, end] = offsets as [number, number];
  if (end < begin) throw bad('ends before it begins');
  const bits = countBits(shape, dtype);
  if (bits === undefined) throw bad('is larger than any file');
  if (bits % 8 !== 0) throw bad('ends inside a byte');
  const sizeBytes = bits / 8;
  if (sizeBytes !== end - begin) throw bad(`takes ${end - begin} bytes where its shape needs ${sizeBytes}`);
  return { name, dtype, shape, byteOffset: bodyStart + begin, sizeBytes };
}

/** Bits of all values, or undefined where the product, at any step, is beyond exact arithmetic. */
function countBits(shape: number[], dtype: DType): number | undefined {
  let bits: number = dtypeBits[dtype];
  for (const size of shape) {
    bits *= size;
    if (!Number.isSafeInteger(bits)) return undefined;
  }
  return bits;
}

/** A list of non-negative whole numbers in their plain form, or undefined. */
function wholeNumbers(value: StrictJson | undefined): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers: number[] = [];
  for (const item of value) {
    const text = item !== null && typeof item === 'object' && 'number' in item ? item.number : '';
    if (!/^(?:0|[1-9]\d{0,15})$/.test(text) || !Number.isSafeInteger(Number(text))) return undefined;
    numbers.push(Number(text));
  }
  return numbers;
}

/** Tensors follow each other from the body's first byte to its last. */
function assertGapless(
  entries: TensorEntry[],
  { bodyStart, bodyBytes, file }: { bodyStart: number; bodyBytes: number; file: string },
): void {
  let position = bodyStart;
  for (const entry of entries.sort((a, b) => a.byteOffset - b.byteOffset || a.sizeBytes - b.sizeBytes)) {
    if (entry.byteOffset !== position) {
      const what = entry.byteOffset < position ? 'overlaps the one before it' : 'leaves a hole before it';
      throw brokenFile(file, `its tensor ${shownName(entry.name)} ${what}`);
    }
    position += entry.sizeBytes;
  }
  const fileBytes = bodyStart + bodyBytes;
  if (position > fileBytes) throw brokenFile(file, `it is cut short: ${fileBytes} of ${position} bytes`);
  if (position < fileBytes)
    throw brokenFile(file, `${fileBytes - position} bytes at its end belong to no tensor`);
}
