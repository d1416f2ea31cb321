/** Decoded pixels whose numbers mean other colours than sRGB's → sRGB, where the decoder didn't do it itself. */
import type { RgbPicture } from './rgb-picture.ts';
import { displayP3Profile, openPicture, readRgb } from './sharp-input.ts';
import { writeRgbTiff } from './write-rgb-tiff.ts';

/** An ICC profile as it lies in the file, or a well-known one by name. */
export type ColourProfile = Uint8Array | 'display-p3';

/** The same picture in sRGB. A profile that makes no sense is left out of account, as by every viewer. */
export async function convertToSrgb(
  picture: RgbPicture,
  { profile, decodeMs }: { profile: ColourProfile; decodeMs: number },
): Promise<RgbPicture> {
  const icc = typeof profile === 'string' ? await displayP3Profile() : profile;
  // libvips takes a profile together with pixels only from a file.
  const bytes = writeRgbTiff(picture, icc);
  return readRgb(openPicture({ bytes, page: 1, decodeMs }, {}));
}
