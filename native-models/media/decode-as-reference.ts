/** Decodes as the model card does: what PIL's `Image.open(file).convert('RGB')` gives. */
import type { Metadata, Sharp } from 'sharp';
import { listGifBlocks } from './gif-blocks.ts';
import type { PictureKind } from './picture-file.ts';
import type { RgbPicture } from './rgb-picture.ts';
import { type EncodedPicture, openPicture, readRgb } from './sharp-input.ts';

/**
 * Alpha is dropped, colour profiles are ignored, and only TIFF is turned by its orientation, as by Pillow 13.
 * Equal to Pillow byte for byte, but for: AVIF, decoded by another library (colour by 1 of 255, more where its colour
 * has half the resolution) which also turns it upright; GIF pixels that the first frame leaves out; uncompressed
 * YCbCr in TIFF.
 */
export function decodeAsReference(
  encoded: EncodedPicture,
  { kind, header }: { kind: PictureKind; header: Metadata },
): Promise<RgbPicture> {
  const options = { ignoreIcc: true, autoOrient: turnsAsReference(kind) };
  if (header.space === 'cmyk') return decodeCmyk(openPicture(encoded, options));
  if (header.space === 'grey16' && header.channels === 1) return decodeGrey16(openPicture(encoded, options));
  const isFirstOfGif = kind === 'gif' && encoded.page === 1; // later frames need theirs to lie on the ones before
  const opaque = isFirstOfGif ? { ...encoded, bytes: clearGifTransparency(encoded.bytes) } : encoded;
  return readRgb(openPicture(opaque, options).removeAlpha());
}

/** Whether a kind is turned by its orientation even so: Pillow does it with TIFF alone. */
export function turnsAsReference(kind: PictureKind): boolean {
  return kind === 'tiff';
}

/** Pillow cuts 16-bit grey off at 255 instead of scaling it. Source: src/libImaging/Convert.c, I16_RGB. */
async function decodeGrey16(picture: Sharp): Promise<RgbPicture> {
  const { data, info } = await picture
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const values = new Uint16Array(data.buffer, data.byteOffset, width * height);
  const pixels = new Uint8Array(width * height * 3);
  for (const [index, value] of values.entries()) pixels.fill(Math.min(value, 255), index * 3, index * 3 + 3);
  return { width, height, pixels };
}

/** Pillow's plain arithmetic, no profile. Source: src/libImaging/Convert.c, cmyk2rgb. */
async function decodeCmyk(picture: Sharp): Promise<RgbPicture> {
  const { data, info } = await picture
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const pixels = new Uint8Array(width * height * 3);
  for (let target = 0, source = 0; target < pixels.length; target += 3, source += channels) {
    const light = 255 - data[source + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const product = data[source + channel]! * light + 128;
      pixels[target + channel] = light - (((product >> 8) + product) >> 8); // product / 255, rounded
    }
  }
  return { width, height, pixels };
}

/**
 * The GIF with its first frame's transparency flag cleared: PIL shows the colour that the palette has there, libvips
 * would not tell it. Source: GIF89a, section 23, graphic control extension.
 */
function clearGifTransparency(bytes: Uint8Array): Uint8Array {
  const opaque = bytes.slice();
  for (const { kind, at } of listGifBlocks(bytes)) {
    if (kind === 'frame') break;
    const isGraphicControl = bytes[at + 1] === 0xf9;
    if (isGraphicControl && at + 3 < opaque.length) opaque[at + 3]! &= ~1;
  }
  return opaque;
}
