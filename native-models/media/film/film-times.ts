/** When each frame of a film is shown, from the container alone: nothing is decoded. */
import { EncodedPacketSink, type InputVideoTrack } from 'mediabunny';
import type { FilmLimits } from './film-limits.ts';

export interface FilmTimes {
  /** Seconds in the film's own count, rising; null where it has more frames than may be looked at. */
  shownAt: Float64Array | null;
  /** Frames that decoding can start from, rising, as far as they were looked at. */
  keysAt: Float64Array;
  /** The first frame's time; times told to others count from here. */
  firstSeconds: number;
  /** From the first frame to the end of the last. */
  durationSeconds: number;
  /** Counted where `shownAt` is there, else estimated. */
  frameCount: number;
  /** Average frames a second. */
  frameRate: number;
}

/** Frames looked at before the length of the whole film is judged by them. */
const probeFrames = 256;

/** How far the standards let frames lie out of the order they are shown in. */
const mostReordered = 16;

/** Walks through the film unless it must have more frames than `walkedFrames`: a long film on disk is not read through. */
export async function listFrameTimes(track: InputVideoTrack, limits: FilmLimits): Promise<FilmTimes> {
  const isVp8 = (await track.getCodec()) === 'vp8';
  const sink = new EncodedPacketSink(track);
  const shown: number[] = [];
  const keys: number[] = [];
  let walked = 0;
  let endSeconds = 0;
  let isWhole = true;
  for await (const packet of sink.packets(undefined, undefined, { metadataOnly: !isVp8 })) {
    walked++;
    if (isVp8 && isHiddenVp8(packet.data)) continue;
    shown.push(packet.timestamp);
    if (packet.type === 'key') keys.push(packet.timestamp);
    endSeconds = Math.max(endSeconds, packet.timestamp + packet.duration);
    const isTooLong =
      walked >= limits.walkedFrames || (walked === probeFrames && (await mustBeLonger(track, shown, limits)));
    if (isTooLong) {
      isWhole = false;
      break;
    }
  }
  const shownAt = withoutCutBeginning(Float64Array.from(shown).sort());
  const keysAt = Float64Array.from(keys).sort();
  return isWhole ? countedTimes({ shownAt, keysAt, endSeconds }) : estimatedTimes(track, { shownAt, keysAt });
}

async function mustBeLonger(
  track: InputVideoTrack,
  shown: readonly number[],
  { walkedFrames }: FilmLimits,
): Promise<boolean> {
  const seconds = Math.max(...shown) - Math.min(...shown);
  return ((await track.computeDuration()) / seconds) * shown.length > walkedFrames;
}

/** Frames before 0 were cut off by an edit of the film and only serve to decode the others. */
function withoutCutBeginning(shownAt: Float64Array): Float64Array {
  const first = shownAt.findIndex((seconds) => seconds >= 0);
  return first > 0 ? shownAt.subarray(first) : shownAt;
}

function countedTimes(film: { shownAt: Float64Array; keysAt: Float64Array; endSeconds: number }): FilmTimes {
  const { shownAt, keysAt } = film;
  const frameCount = shownAt.length;
  const firstSeconds = shownAt[0] ?? 0;
  const span = (shownAt.at(-1) ?? 0) - firstSeconds;
  const toldSeconds = film.endSeconds - firstSeconds;
  // Matroska need not tell how long the last frame stays: then as long as the others.
  const durationSeconds = toldSeconds > span ? toldSeconds : span + span / Math.max(1, frameCount - 1);
  return {
    shownAt,
    keysAt,
    firstSeconds,
    durationSeconds,
    frameCount,
    frameRate: rateOf(frameCount, durationSeconds),
  };
}

async function estimatedTimes(
  track: InputVideoTrack,
  { shownAt, keysAt }: { shownAt: Float64Array; keysAt: Float64Array },
): Promise<FilmTimes> {
  const firstSeconds = shownAt[0] ?? 0;
  const durationSeconds = Math.max(0, (await track.computeDuration()) - firstSeconds);
  // Of the last ones looked at, some are shown after frames that were not.
  const settled = Math.max(1, shownAt.length - 1 - mostReordered);
  const frameRate = rateOf(settled, (shownAt[settled] ?? 0) - firstSeconds);
  const frameCount = Math.max(shownAt.length, Math.round(durationSeconds * frameRate));
  return { shownAt: null, keysAt, firstSeconds, durationSeconds, frameCount, frameRate };
}

/** 1 where the film's times tell none. */
function rateOf(frames: number, seconds: number): number {
  const rate = frames / seconds;
  return Number.isFinite(rate) && rate > 0 ? rate : 1;
}

/** Source: RFC 6386, 9.1 (show_frame). */
function isHiddenVp8(data: Uint8Array): boolean {
  return ((data[0] ?? 0x10) & 0x10) === 0;
}
