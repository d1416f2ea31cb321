/** Payloads too long for one frame: cut into parts by the sender, joined again by the receiver, on every hop alike. */
import { AppError } from '../../preload/contract/errors.ts';
import { collectPayloadParts, splitPayload } from '../../preload/contract/long-payload.ts';
import { estimateBytes, type Frame } from './frames.ts';

/** From here on a payload goes in parts; what is shorter fits a frame with room for its envelope. */
const longPayloadBytes = 48 * 1024;

/**
 * The frames that carry this one: itself, or its payload in parts and then itself without it. Bytes never go in parts,
 * since contracts cut them into pieces.
 * @throws AppError `invalid_request` for more than 32 Mi characters of JSON
 */
export function framesFor(frame: Frame): Frame[] {
  if (frame.kind !== 'open' && frame.kind !== 'value') return [frame];
  const long = frame.kind === 'open' ? frame.payload.input : frame.payload;
  if (estimateBytes(long) <= longPayloadBytes || holdsBytes(long)) return [frame];
  const { to, from, id } = frame;
  const texts = splitPayload(long);
  const last: Frame =
    frame.kind === 'open'
      ? { ...frame, payload: { name: frame.payload.name, input: null }, parts: texts.length }
      : { ...frame, payload: null, parts: texts.length };
  return [...texts.map((payload): Frame => ({ to, from, id, kind: 'part', payload })), last];
}

function holdsBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Uint8Array) return true;
  return Object.values(value).some(holdsBytes);
}

/** Joins what `framesFor` cut, for several senders and requests at once. */
export interface FrameJoiner {
  /**
   * The frame with its whole payload; null for a part, which is kept until its frame comes.
   * @throws AppError `invalid_request` where parts are missing or grow too long; they are forgotten then
   */
  join(frame: Frame): Frame | null;
  /** Forgets the parts of a request that will not be completed. */
  forget(frame: { from: string; id: number }): void;
}

export function createFrameJoiner(): FrameJoiner {
  const parts = collectPayloadParts();
  const keyOf = ({ from, id }: { from: string; id: number }) => `${from}/${id}`;
  const takePayload = (key: string, count: number): unknown => {
    try {
      return parts.take(key, count);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('invalid_request', 'A message arrived damaged.', { cause: error });
    }
  };
  return {
    join(frame) {
      if (frame.kind === 'part') {
        parts.add(keyOf(frame), frame.payload);
        return null;
      }
      if ((frame.kind !== 'open' && frame.kind !== 'value') || frame.parts === undefined) return frame;
      const { parts: count, ...whole } = frame;
      const payload = takePayload(keyOf(frame), count);
      if (whole.kind === 'value') return { ...whole, payload };
      return { ...whole, payload: { name: whole.payload.name, input: payload } };
    },
    forget: (frame) => parts.forget(keyOf(frame)),
  };
}
