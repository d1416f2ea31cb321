/** A picture file → RGB pixels. Hostile files meet the limits here, before and while they are decoded. */
import type { Metadata } from 'sharp';
import { decodeAsReference } from './decode-as-reference.ts';
import { decodeBmp } from './decode-bmp.ts';
import { decodeHeic } from './decode-heic.ts';
import { checkScans } from './jpeg-scans.ts';
import { lowerPictureLimits, type PictureLimits } from './limits.ts';
import { explainPictureFault, withinTime } from './picture-faults.ts';
import { checkFileSize, readPictureFile, requirePictureKind } from './picture-file.ts';
import { checkPictureHeader } from './picture-header.ts';
import { readPages, requirePage } from './picture-pages.ts';
import type { RgbPicture } from './rgb-picture.ts';
import { type EncodedPicture, openPicture, readPictureHeader, readRgb } from './sharp-input.ts';

export type PictureSource = { path: string } | { bytes: Uint8Array };

export interface DecodeOptions {
  /** Which page of a TIFF or frame of an animated GIF or WebP, counted from 1; default the first. */
  page?: number | undefined;
  /**
   * Decode as the model card's Python does: no turning by EXIF, alpha dropped, colour profiles ignored.
   * Default false: upright, alpha on white, colours as sRGB.
   */
  asReference?: boolean;
  /** Bounds lower than the product's own; higher ones are ignored. */
  limits?: Partial<PictureLimits>;
}

/**
 * The pixels of a PNG, JPEG, WebP, GIF, AVIF, TIFF, BMP or HEIC, 8 bits a channel.
 * @throws AppError `file_unreadable`, `path_refused`, `media_unsupported`, `media_broken`, `media_too_large`,
 *   `timed_out`, `out_of_memory`; for pages also `invalid_request` and `not_found`
 */
export async function decodePicture(source: PictureSource, options: DecodeOptions = {}): Promise<RgbPicture> {
  const limits = lowerPictureLimits(options.limits);
  const { asReference = false } = options;
  const bytes = 'path' in source ? await readPictureFile(source.path, limits.fileBytes) : source.bytes;
  const kind = requirePictureKind(bytes);
  checkFileSize(bytes.length, limits.fileBytes);
  checkScans(bytes, kind, limits);
  const page = requirePage(kind, options.page, readPages(bytes, kind, limits.frames));
  // Both come out upright and on white whatever is asked: neither format has a reference in the model card's Python.
  if (kind === 'heic') return decodeHeic(bytes, { limits, asReference });
  if (kind === 'bmp') return decodeBmp(bytes, limits);
  const { decodeMs } = limits;
  const encoded = { bytes, page, decodeMs };
  const decode = async () => {
    const header = await readPictureHeader(bytes, page);
    checkPictureHeader(header, page, limits);
    return asReference ? decodeAsReference(encoded, { kind, header }) : decodeUpright(encoded, header);
  };
  try {
    return await withinTime(decode(), decodeMs);
  } catch (error) {
    throw explainPictureFault(error);
  }
}

function decodeUpright(encoded: EncodedPicture, header: Metadata): Promise<RgbPicture> {
  const picture = openPicture(encoded, { autoOrient: true }).flatten({ background: '#ffffff' });
  // sharp converts 16 bits with a profile to Display P3 and then takes the numbers for sRGB; 8 bits it gets right.
  if (header.depth === 'ushort' && header.hasProfile && header.space === 'rgb16') {
    picture.pipelineColourspace('srgb');
  }
  return readRgb(picture);
}
