/** The only door to libheif and its HEVC decoder, compiled to WebAssembly: no file system, memory of its own. */
import { createRequire } from 'node:module';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Size } from '../box.ts';
import type { ColourProfile } from '../colour-profile.ts';
import { checkPictureSize, type PictureLimits } from '../limits.ts';
import type { RgbPicture } from '../rgb-picture.ts';
import { type CompiledWasm, moduleOptions } from '../web-assembly.ts';
import { readColourProfile } from './colour-of-photo.ts';

/** A picture in the file. Its sizes are those after the file's own turns and crops. */
export interface HeifImage {
  /** Embind's own: `ptr` is where the C interface finds the same picture. */
  handle: { $$: { ptr: number } };
  is_primary(): boolean;
  get_width(): number;
  get_height(): number;
  /** Fills `target.data`, RGBA, and hands it on; null when decoding fails. */
  display<Target extends { data: Uint8Array }>(target: Target, done: (target: Target | null) => void): void;
}

export interface Libheif {
  ready: Promise<unknown>;
  HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] };
  /** The memory; another one after it has grown. */
  HEAPU8: Uint8Array;
  _malloc(sizeBytes: number): number;
  /** The profile's kind as four characters in an integer: `prof`, `rICC`, `nclx` or 0. */
  _heif_image_handle_get_color_profile_type(image: number): number;
  _heif_image_handle_get_raw_color_profile_size(image: number): number;
  /** Both write a `heif_error` first, whose code is 0 when all went well. */
  _heif_image_handle_get_raw_color_profile(errorAt: number, image: number, bytesAt: number): void;
  _heif_image_handle_get_nclx_color_profile(errorAt: number, image: number, pointerAt: number): void;
}

const require = createRequire(import.meta.url);
const startLibheif = require('libheif-js/libheif-wasm/libheif.js') as (options: object) => Libheif;

/** The main picture of a file: its size at once, its pixels when asked for. */
export interface OpenedPhoto {
  size: Size;
  decode(): Promise<RgbPicture>;
  readProfile(): ColourProfile | null;
}

/** @throws AppError `media_broken`, `media_too_large`; so does `decode` */
export async function openPhoto(
  compiled: CompiledWasm,
  { bytes, limits }: { bytes: Uint8Array; limits: Readonly<PictureLimits> },
): Promise<OpenedPhoto> {
  const libheif = await start(compiled);
  const images = new libheif.HeifDecoder().decode(bytes);
  const image = images.find((each) => each.is_primary()) ?? images[0];
  if (!image) throw new AppError('media_broken', 'The photo is damaged: no picture can be found in it.');
  const size = { width: image.get_width(), height: image.get_height() };
  if (!(size.width > 0 && size.height > 0))
    throw new AppError('media_broken', 'The photo is damaged: it has no size.');
  checkPictureSize(size, limits);
  return {
    size,
    async decode() {
      const rgba = await readPixels(image, size);
      if (!rgba) throw new AppError('media_broken', "The photo is damaged and can't be decoded.");
      return { ...size, pixels: layOnWhite(rgba) };
    },
    readProfile: () => readColourProfile(libheif, image),
  };
}

async function start(compiled: CompiledWasm): Promise<Libheif> {
  const libheif = startLibheif(moduleOptions(compiled));
  await libheif.ready;
  return libheif;
}

function readPixels(image: HeifImage, { width, height }: Size): Promise<Uint8Array | null> {
  return new Promise((resolve) =>
    image.display({ data: new Uint8Array(width * height * 4) }, (target) => resolve(target?.data ?? null)),
  );
}

function layOnWhite(rgba: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3]!;
    for (let channel = 0; channel < 3; channel++, to++) {
      const value = rgba[from + channel]!;
      pixels[to] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return pixels;
}
