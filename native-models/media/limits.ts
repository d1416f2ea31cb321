/** What a picture may cost at most; every reader of hostile files takes its bounds from here. */
import { AppError } from '../../preload/contract/errors.ts';

/** Bounds of one picture. A caller may lower them, never raise them. */
export interface PictureLimits {
  /** Size of the file in bytes. */
  fileBytes: number;
  /** width × height, told by the header, before anything is decoded. */
  pixels: number;
  /** The longer side; JPEG's own bound, it keeps the resizing weights of a 100,000,000 × 1 strip out of memory. */
  sidePixels: number;
  /** Colour channels with alpha; CMYK with alpha has five. */
  channels: number;
  /** Frames or pages; one is shown at a time, but decoders walk through all of them, some in quadratic time. */
  frames: number;
  /** Pixels of all frames up to the one that is shown, each of which is drawn on those before. */
  framePixels: number;
  /** Walks through a progressive JPEG; cameras and editors make about ten, and each may be a few bytes long. */
  scans: number;
  /** Time from the opened bytes to the last pixel, in milliseconds. */
  decodeMs: number;
}

export const pictureLimits: Readonly<PictureLimits> = {
  fileBytes: 256 * 1024 * 1024,
  pixels: 100_000_000,
  sidePixels: 65_535,
  channels: 5,
  frames: 2_000,
  framePixels: 2_000_000_000, // 7 s of one core for a GIF
  scans: 100,
  decodeMs: 20_000,
};

/** A caller's bounds, none of them above the product's own. */
export function lowerPictureLimits(asked: Partial<PictureLimits> = {}): PictureLimits {
  const lower = (name: keyof PictureLimits) =>
    Math.min(pictureLimits[name], asked[name] ?? pictureLimits[name]);
  return {
    fileBytes: lower('fileBytes'),
    pixels: lower('pixels'),
    sidePixels: lower('sidePixels'),
    channels: lower('channels'),
    frames: lower('frames'),
    framePixels: lower('framePixels'),
    scans: lower('scans'),
    decodeMs: lower('decodeMs'),
  };
}

/** @throws AppError `media_too_large`, with the figures */
export function checkPictureSize(
  { width, height }: { width: number; height: number },
  limits: Readonly<PictureLimits>,
): void {
  if (width * height <= limits.pixels && Math.max(width, height) <= limits.sidePixels) return;
  throw new AppError(
    'media_too_large',
    `The picture has ${width} × ${height} pixels. At most ${Math.floor(limits.pixels / 1e6)} megapixels and ` +
      `${limits.sidePixels} a side can be read: make it smaller and try again.`,
  );
}
