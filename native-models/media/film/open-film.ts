/** A film → what it is, and single frames of it as pictures. The file lives in threads of its own, under limits. */
import { availableParallelism } from 'node:os';
import { AppError } from '../../../preload/contract/errors.ts';
import type { RgbPicture } from '../rgb-picture.ts';
import type { FilmHeader, FilmOutline } from './film-file.ts';
import { type FilmLimits, lowerFilmLimits } from './film-limits.ts';
import type { FilmSource } from './film-source.ts';
import { type FilmThread, startFilmThread } from './film-thread.ts';
import { sampleFrameIndices } from './frame-sampling.ts';
import { askInOrder, timeOfFrame } from './frame-wishes.ts';
import { chooseSceneFrames } from './scene-change.ts';

/** Which frames: so many of the film or a part of it, or those shown at given times. */
export type FrameChoice =
  | {
      /** 1 to 64; a film or part with fewer frames gives those it has. */
      count: number;
      /** Start and end in milliseconds from the first frame; default the whole film. */
      boundMs?: readonly [number, number] | undefined;
      /** `uniform` (default): evenly spaced, the card's way. `scenes`: every scene is seen, long ones more often. */
      sampling?: 'uniform' | 'scenes' | undefined;
    }
  | { timesMs: readonly number[] };

export interface ReadFilmOptions {
  /** Bounds lower than the product's own; higher ones are ignored. */
  limits?: Partial<FilmLimits>;
  /** Ends the reading; what was read is kept, nothing is thrown. */
  signal?: AbortSignal | undefined;
}

export interface FilmFrame {
  /** Counted from 0, in the order they are shown; estimated where the film has more frames than may be looked at. */
  index: number;
  /** When it is shown, in milliseconds from the first frame: the file's own time, also at a variable frame rate. */
  timeMs: number;
  /** Upright. */
  picture: RgbPicture;
}

/** Frames looked at for each frame chosen by scene. */
const sceneCandidates = 4;
/** Above this a frame's decoder takes so much memory that one at a time is enough. */
const largeFramePixels = 2560 * 1440;

/**
 * @throws AppError `file_unreadable`, `path_refused`, `media_unsupported` (no film, sound alone, an unknown codec),
 *   `media_broken`, `media_too_large`, `timed_out`
 */
export async function inspectFilm(source: FilmSource, options: ReadFilmOptions = {}): Promise<FilmHeader> {
  const thread = startFilmThread(shareBytes(source), lowerFilmLimits(options.limits));
  try {
    return (await thread.outline()).header;
  } finally {
    await thread.stop();
  }
}

/**
 * One frame after the other, in the order they are shown, none twice.
 * @throws AppError as `inspectFilm`, and `invalid_request` for a count, part or time that makes no sense
 */
export async function* readFrames(
  source: FilmSource,
  choice: FrameChoice,
  options: ReadFilmOptions = {},
): AsyncGenerator<FilmFrame> {
  const { signal } = options;
  const limits = lowerFilmLimits(options.limits);
  const wished = 'count' in choice ? choice.count : choice.timesMs.length;
  if (!Number.isInteger(wished) || wished < 1 || wished > limits.sampledFrames)
    throw new AppError('invalid_request', `Ask for 1 to ${limits.sampledFrames} frames of a film.`);
  const shared = shareBytes(source);
  const threads = [startFilmThread(shared, limits)];
  const stopAll = () => Promise.all(threads.map((thread) => thread.stop()));
  const onAbort = () => void stopAll();
  signal?.addEventListener('abort', onAbort);
  try {
    if (signal?.aborted) return;
    const film = await threads[0]!.outline();
    if (canShareWork(film, wished)) threads.push(startFilmThread(shared, limits));
    const reading: Reading = { film, threads, limits };
    yield* readIndices(await chooseIndices(choice, reading), reading);
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await stopAll();
  }
}

interface Reading {
  film: FilmOutline;
  threads: readonly FilmThread[];
  limits: FilmLimits;
}

function canShareWork({ header, times }: FilmOutline, wished: number): boolean {
  const isSmall = header.widthPx * header.heightPx <= largeFramePixels;
  return isSmall && wished > 1 && times.keysAt.length > 1 && availableParallelism() > 1;
}

/** Indices of frames, rising and none twice. */
async function chooseIndices(choice: FrameChoice, reading: Reading): Promise<number[]> {
  const { header, times } = reading.film;
  const inFilm = (indices: number[]) =>
    [...new Set(indices.map((index) => Math.min(Math.max(index, 0), times.frameCount - 1)))].sort(
      (one, other) => one - other,
    );
  if ('timesMs' in choice) {
    for (const timeMs of choice.timesMs) checkTime(timeMs, header);
    return inFilm(choice.timesMs.map((timeMs) => indexShownAt(timeMs, reading.film)));
  }
  const { count, boundMs, sampling = 'uniform' } = choice;
  if (boundMs && !(boundMs[0] >= 0 && boundMs[0] < boundMs[1] && boundMs[0] < header.durationMs)) {
    const length = (header.durationMs / 1000).toFixed(1);
    throw new AppError('invalid_request', `The part asked for must lie within the film's ${length} seconds.`);
  }
  const sample = (segments: number) =>
    inFilm(
      sampleFrameIndices({
        frameCount: times.frameCount,
        frameRate: times.frameRate,
        segments,
        bound: boundMs && [boundMs[0] / 1000, boundMs[1] / 1000],
      }),
    );
  return sampling === 'uniform' ? sample(count) : keepScenes(sample(count * sceneCandidates), count, reading);
}

function checkTime(timeMs: number, { durationMs }: FilmHeader): void {
  if (timeMs >= 0 && timeMs <= durationMs) return;
  const length = (durationMs / 1000).toFixed(1);
  throw new AppError('invalid_request', `The film has no frame at ${timeMs} ms: it lasts ${length} seconds.`);
}

/** The frame a person sees at that time: the last one that began before it or then. */
function indexShownAt(timeMs: number, { times }: FilmOutline): number {
  const { shownAt, firstSeconds, frameRate } = times;
  const seconds = timeMs / 1000 + 1e-6; // what milliseconds as a float lost
  return shownAt
    ? shownAt.findLastIndex((each) => each - firstSeconds <= seconds)
    : Math.floor(seconds * frameRate);
}

async function keepScenes(indices: number[], count: number, reading: Reading): Promise<number[]> {
  const { times } = reading.film;
  const seconds = indices.map((index) => timeOfFrame(times, index));
  const looks: Uint8Array[] = [];
  const ask = (thread: FilmThread, wish: number) => thread.brightness(wish);
  for await (const reply of askInOrder(seconds, reading, ask)) {
    if (!reply) break; // the rest can't be reached
    looks.push(reply.brightness);
  }
  return chooseSceneFrames(looks, count).map((position) => indices[position]!);
}

async function* readIndices(indices: number[], reading: Reading): AsyncGenerator<FilmFrame> {
  const { times } = reading.film;
  const seconds = indices.map((index) => timeOfFrame(times, index));
  const ask = (thread: FilmThread, wish: number) => thread.frame(wish);
  let position = 0;
  let lastSeconds = Number.NEGATIVE_INFINITY;
  for await (const reply of askInOrder(seconds, reading, ask)) {
    const index = indices[position++]!;
    if (!reply || reply.seconds <= lastSeconds) continue; // a film cut off, or the same frame for two wishes
    lastSeconds = reply.seconds;
    const timeMs = Math.round((reply.seconds - times.firstSeconds) * 1e6) / 1000;
    yield { index, timeMs: Math.max(0, timeMs), picture: reply.picture };
  }
  if (lastSeconds === Number.NEGATIVE_INFINITY)
    throw new AppError('media_broken', 'The film is damaged: none of its frames can be decoded.');
}

/** Bytes that both threads read without a copy each. */
function shareBytes(source: FilmSource): FilmSource {
  if ('path' in source) return source;
  const bytes = new Uint8Array(new SharedArrayBuffer(source.bytes.length));
  bytes.set(source.bytes);
  return { bytes };
}
