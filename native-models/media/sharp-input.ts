/** The only door to sharp: its loaders narrowed to the product's kinds, its limits set, its answers as RGB. */
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { pictureLimits } from './limits.ts';
import type { RgbPicture } from './rgb-picture.ts';

// A second lock behind our own look at the first bytes: for this process there is no SVG, PDF, ImageMagick, … loader.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Png', 'Jpeg', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((loader) => `VipsForeignLoad${loader}`),
});

/** A page or frame of a picture file, counted from 1, and the time its decoding may take. */
export interface EncodedPicture {
  bytes: Uint8Array;
  page: number;
  decodeMs: number;
}

/** What the header of a page tells, nothing decoded; bounded by nothing, so that the caller can name the numbers. */
export function readPictureHeader(bytes: Uint8Array, page: number): Promise<Metadata> {
  return sharp(asStill(bytes), {
    ...onePage(page),
    limitInputPixels: false,
    limitInputChannels: false,
  }).metadata();
}

/** One page of a picture, to be decoded under the limits. */
export function openPicture({ bytes, page, decodeMs }: EncodedPicture, options: SharpOptions): Sharp {
  return sharp(asStill(bytes), {
    ...onePage(page),
    limitInputPixels: pictureLimits.pixels,
    limitInputChannels: pictureLimits.channels,
    sequentialRead: true,
    failOn: 'error', // truncated or damaged; mere warnings, common in files from cameras, are let pass
    ...options,
  }).timeout({ seconds: Math.ceil(decodeMs / 1000) });
}

/** An animated AVIF under the name of the still picture in it: libvips doesn't know the other one. */
function asStill(bytes: Uint8Array): Uint8Array {
  const brandAt = 8;
  if (Buffer.from(bytes.subarray(4, 12)).toString('latin1') !== 'ftypavis') return bytes;
  const still = Buffer.from(bytes);
  still.write('avif', brandAt, 'latin1');
  return still;
}

/** libvips counts from 0. The first page is what it opens unasked, in kinds without pages too. */
function onePage(page: number): SharpOptions {
  return page === 1 ? {} : { page: page - 1, pages: 1 };
}

/** Encodes a small picture for people; quality 82 keeps a page's text legible at about 10 KB. */
export async function encodeWebp({ width, height, pixels }: RgbPicture): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .webp({ quality: 82 })
    .toBuffer();
}

/** Encodes a picture at its own size, without loss or as a JPEG of full colour resolution; no metadata goes along. */
export async function encodePicture(
  { width, height, pixels }: RgbPicture,
  format: 'png' | 'jpeg',
): Promise<Uint8Array> {
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
  return format === 'png'
    ? picture.png().toBuffer()
    : picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
}

/** Decodes to RGB; grey fills all three channels, and what comes after the third is dropped. */
export async function readRgb(picture: Sharp): Promise<RgbPicture> {
  const { data, info } = await picture.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3)
    return { width, height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  const pixels = new Uint8Array(width * height * 3);
  for (let target = 0, source = 0; target < pixels.length; target += 3, source += channels) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[target + channel] = data[source + (channels > 3 ? channel : 0)]!;
    }
  }
  return { width, height, pixels };
}

let displayP3: Promise<Uint8Array> | null = null;

/** The ICC profile that libvips brings along; it hands it out only inside of files it writes. */
export function displayP3Profile(): Promise<Uint8Array> {
  displayP3 ??= sharp({ create: { width: 1, height: 1, channels: 3, background: 'white' } })
    .withIccProfile('p3')
    .png()
    .toBuffer()
    .then((png) => sharp(png).metadata())
    .then(({ icc }) => new Uint8Array(icc ?? []));
  return displayP3;
}
