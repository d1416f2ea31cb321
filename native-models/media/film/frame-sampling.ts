/** Which frames of a film the model sees: the middle of each of equally long segments, as on the model card. */

export interface FrameSampling {
  /** Frames in the film. */
  frameCount: number;
  /** Average frames a second. */
  frameRate: number;
  /** How many frames to choose. */
  segments: number;
  /** Seconds, start and end; default the whole film. */
  bound?: readonly [number, number] | undefined;
  /** The earliest frame allowed, counted from 0. Default 0. */
  firstIndex?: number;
}

/**
 * Source: `get_index` on the model card, in its arithmetic: Python and numpy round halves to the even number, `int`
 * cuts. A film shorter than its segments gets frames more than once; a bound behind its end leads backwards.
 */
export function sampleFrameIndices(sampling: FrameSampling): number[] {
  const { frameCount, frameRate, segments, bound, firstIndex = 0 } = sampling;
  const [start, end] = bound ?? [-100_000, 100_000];
  const first = Math.max(firstIndex, roundHalfToEven(start * frameRate));
  const last = Math.min(roundHalfToEven(end * frameRate), frameCount - 1);
  const segmentFrames = (last - first) / segments;
  return Array.from({ length: segments }, (_, segment) => {
    const index = Math.trunc(first + segmentFrames / 2 + roundHalfToEven(segmentFrames * segment));
    return index === 0 ? 0 : index; // never -0, which Python's integers don't know
  });
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
