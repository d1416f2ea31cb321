/** What a film may cost at most; its readers take their bounds from here. */

/** Bounds of one film. A caller may lower them, never raise them. */
export interface FilmLimits {
  /** Size of the file in bytes; a film on disk is never read whole. */
  fileBytes: number;
  /** From the first frame to the end of the last, in seconds. */
  durationSeconds: number;
  /** Frames that are handed out. */
  sampledFrames: number;
  /** Frames looked at to learn their times, and again frames decoded to reach the wished ones. */
  walkedFrames: number;
  /** width × height of one frame: 4K films fit. */
  pixels: number;
  /** Time to open the film and learn its frames' times, in milliseconds. */
  openMs: number;
  /** Time to reach one frame, in milliseconds. */
  frameMs: number;
  /** Time for all frames together, in milliseconds; the waiting of who takes them is not counted. */
  totalMs: number;
}

export const filmLimits: Readonly<FilmLimits> = {
  fileBytes: 16 * 1024 ** 3,
  durationSeconds: 12 * 60 * 60,
  sampledFrames: 64,
  walkedFrames: 36_000,
  pixels: 4096 * 2304,
  openMs: 20_000,
  frameMs: 30_000,
  totalMs: 120_000,
};

export function lowerFilmLimits(asked: Partial<FilmLimits> = {}): FilmLimits {
  const names = Object.keys(filmLimits) as (keyof FilmLimits)[];
  const lowered = { ...filmLimits };
  for (const name of names) lowered[name] = Math.min(filmLimits[name], asked[name] ?? filmLimits[name]);
  return lowered;
}
