/** Pictures and films for prompts, from a path or from bytes; cut into tiles only once a model says how. */
import { decodePicture } from '../media/decode-picture.ts';
import { readFrames } from '../media/film/open-film.ts';
import type { RgbPicture } from '../media/rgb-picture.ts';

/** Where a picture stands in a prompt's text. */
export const IMAGE_TOKEN = '<image>';

/** A decoded picture and how finely it is shown. */
export interface LoadedImage {
  readonly kind: 'image';
  readonly picture: RgbPicture;
  /** Most tiles, beside the thumbnail; null takes the model's own limit. */
  readonly maxTiles: number | null;
}

export interface LoadImageOptions {
  /** Most tiles (the card's `max_num`); default: the model's own, 12. */
  maxTiles?: number;
  /** Decode as the model card's Python does: no turning by EXIF, alpha dropped, colour profiles ignored. Default false. */
  asReference?: boolean;
}

/**
 * PNG, JPEG, WebP, GIF, AVIF, TIFF, BMP or HEIC. Nothing is fetched: an address is no path.
 * @throws AppError `file_unreadable`, `media_unsupported`, `media_broken`, `media_too_large`
 */
export async function loadImage(
  source: string | Uint8Array,
  { maxTiles, asReference = false }: LoadImageOptions = {},
): Promise<LoadedImage> {
  const picture = await decodePicture(typeof source === 'string' ? { path: source } : { bytes: source }, {
    asReference,
  });
  return { kind: 'image', picture, maxTiles: maxTiles ?? null };
}

export interface LoadVideoOptions {
  /** Frames to take, evenly spaced; default 8. */
  numSegments?: number;
  /** Tiles of a frame; default 1. */
  maxTiles?: number;
  /** Start and end in seconds; default the whole film. */
  bound?: readonly [number, number];
}

/** Frames of a film as the card's `load_video` takes them. @throws AppError as `loadImage`, `timed_out` */
export async function loadVideo(
  source: string | Uint8Array,
  { numSegments = 8, maxTiles = 1, bound }: LoadVideoOptions = {},
): Promise<LoadedImage[]> {
  const film = typeof source === 'string' ? { path: source } : { bytes: source };
  const choice = {
    count: numSegments,
    ...(bound && { boundMs: [bound[0] * 1000, bound[1] * 1000] as const }),
  };
  const frames: LoadedImage[] = [];
  for await (const { picture } of readFrames(film, choice)) frames.push({ kind: 'image', picture, maxTiles });
  return frames;
}
