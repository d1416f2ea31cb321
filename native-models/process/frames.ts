/** The envelope that crosses every process border, and the check each frame passes before it is posted. */
import { AppError, type AppErrorReport } from '../../preload/contract/errors.ts';

/** What one frame says: a request goes `open` (then perhaps `cancel`) one way, `value`s and an `error` or `end` the other. */
type FrameContent =
  /** A stretch of the JSON of a payload too long for one frame; comes before the frame that says how many there are. */
  | { kind: 'part'; payload: string }
  /** `parts`: the input came before, in so many parts, and is null here. */
  | { kind: 'open'; payload: { name: string; input: unknown }; parts?: number }
  | { kind: 'value'; payload: unknown; parts?: number }
  | { kind: 'error'; payload: AppErrorReport }
  | { kind: 'end'; payload: null }
  | { kind: 'cancel' | 'shutdown'; payload: null };

/** One message between processes. `id` is the request's, unique per opener; a `shutdown` belongs to none and uses 0. */
export type Frame = { to: string; from: string; id: number } & FrameContent;

/** Largest frame a sender may post: small enough that relaying one never delays the others. */
export const maxFrameBytes = 64 * 1024;

/** Largest stretch of raw bytes one frame carries; what is larger goes in several. */
export const maxPieceBytes = 48 * 1024;

const kinds = new Set(['part', 'open', 'cancel', 'value', 'error', 'end', 'shutdown']);
const maxDepth = 64;

/**
 * Refuses what must not cross a border: functions, class instances, cycles, bytes that are no plain Uint8Array, and
 * anything larger than `maxFrameBytes`.
 * @throws AppError `internal`: a frame like that is the sender's own fault
 */
export function checkFrame(frame: Frame): void {
  const sizeBytes = estimateBytes(frame, 0);
  if (sizeBytes > maxFrameBytes) {
    throw new AppError(
      'internal',
      `A message of about ${Math.ceil(sizeBytes / 1024)} KiB is too large to pass between processes (limit 64 KiB).`,
    );
  }
}

/**
 * An upper bound of a value's size on the wire: V8 writes a character in 1 or 2 bytes and a number in up to 9, small
 * integers too when they were once part of a calculation with fractions.
 * @throws AppError `internal` for what is not plain
 */
export function estimateBytes(value: unknown, depth = 0): number {
  if (depth > maxDepth) throw new AppError('internal', 'A message between processes is nested too deeply.');
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
      return 1;
    case 'number':
      return 9;
    case 'string':
      return 8 + 2 * value.length;
    case 'object':
      return value === null ? 1 : estimateObjectBytes(value, depth);
    default:
      throw notPlain(typeof value);
  }
}

function estimateObjectBytes(value: object, depth: number): number {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Uint8Array.prototype) return 16 + (value as Uint8Array).byteLength;
  let sizeBytes = 16;
  if (Array.isArray(value)) {
    for (const entry of value) sizeBytes += estimateBytes(entry, depth + 1);
    return sizeBytes;
  }
  if (prototype !== Object.prototype && prototype !== null)
    throw notPlain(value.constructor?.name ?? 'object');
  for (const [key, entry] of Object.entries(value)) {
    sizeBytes += 8 + 2 * key.length + estimateBytes(entry, depth + 1);
  }
  return sizeBytes;
}

function notPlain(what: string): AppError {
  return new AppError(
    'internal',
    `A value of kind ${what} can't pass between processes: only plain ones do.`,
  );
}

/** The frame in what arrived, its bytes as plain Uint8Array; null for anything that is no frame. */
export function readFrame(received: unknown): Frame | null {
  if (typeof received !== 'object' || received === null) return null;
  const { to, from, id, kind, payload, parts } = received as Record<string, unknown>;
  if (typeof to !== 'string' || typeof from !== 'string' || !Number.isSafeInteger(id)) return null;
  if (typeof kind !== 'string' || !kinds.has(kind)) return null;
  const isObject = typeof payload === 'object' && payload !== null;
  if (kind === 'open' && !(isObject && typeof (payload as { name?: unknown }).name === 'string')) return null;
  if (kind === 'error' && !(isObject && typeof (payload as { message?: unknown }).message === 'string')) {
    return null;
  }
  if (kind === 'part' && typeof payload !== 'string') return null;
  const frame = { to, from, id, kind, payload: withPlainBytes(payload, 0) } as Frame;
  if (parts === undefined) return frame;
  const mayBeLong = (kind === 'open' || kind === 'value') && Number.isSafeInteger(parts) && Number(parts) > 0;
  return mayBeLong ? ({ ...frame, parts: Number(parts) } as Frame) : null;
}

/** Node hands some byte arrays over as Buffer; receivers shall see one kind only. What lies too deep is left out. */
function withPlainBytes(value: unknown, depth: number): unknown {
  if (Buffer.isBuffer(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (ArrayBuffer.isView(value) || typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return null;
  if (Array.isArray(value)) {
    return typeof value[0] === 'number' ? value : value.map((entry) => withPlainBytes(entry, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, withPlainBytes(entry, depth + 1)]),
  );
}
