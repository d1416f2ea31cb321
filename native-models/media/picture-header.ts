/** What a picture's header tells: enough to name its size and to refuse it before anything is decoded. */
import type { Metadata } from 'sharp';
import { AppError } from '../../preload/contract/errors.ts';
import { readBmpHeader } from './bmp-header.ts';
import type { Size } from './box.ts';
import { turnsAsReference } from './decode-as-reference.ts';
import { measureHeic } from './decode-heic.ts';
import { checkScans } from './jpeg-scans.ts';
import { checkPictureSize, lowerPictureLimits, type PictureLimits, pictureLimits } from './limits.ts';
import { explainPictureFault, withinTime } from './picture-faults.ts';
import { requirePictureKind } from './picture-file.ts';
import { type PicturePages, readPages, requirePage } from './picture-pages.ts';
import type { RgbPicture } from './rgb-picture.ts';
import { readPictureHeader } from './sharp-input.ts';

/** Sizes of one page and how it is turned, and how many there are. */
export interface PictureHeader extends PicturePages {
  stored: Size;
  /** As `decodePicture` gives it. */
  shown: Size;
  /**
   * The turn from stored to shown, as EXIF's 1 to 8; 1 where there is none, and for HEIC and BMP, which come out of
   * their decoders upright.
   */
  orientation: number;
}

export interface InspectOptions {
  /** As for `decodePicture`; default the first. */
  page?: number | undefined;
  /** As for `decodePicture`; default false. */
  asReference?: boolean;
  limits?: Partial<PictureLimits>;
  /** The decoded pixels, where they are at hand: then a HEIC need not be opened again. */
  decoded?: RgbPicture;
}

/**
 * Looks at a picture without decoding it.
 * @throws AppError as `decodePicture`, as far as the header can tell
 */
export async function inspectPicture(
  bytes: Uint8Array,
  options: InspectOptions = {},
): Promise<PictureHeader> {
  const limits = lowerPictureLimits(options.limits);
  const kind = requirePictureKind(bytes);
  checkScans(bytes, kind, limits);
  const pages = readPages(bytes, kind, limits.frames);
  const page = requirePage(kind, options.page, pages);
  if (kind === 'heic' || kind === 'bmp') {
    const { decoded } = options;
    const { width, height } =
      decoded ?? (kind === 'bmp' ? readBmpHeader(bytes) : await measureHeic(bytes, limits));
    checkPictureSize({ width, height }, limits);
    return { ...pages, stored: { width, height }, shown: { width, height }, orientation: 1 };
  }
  try {
    const header = await withinTime(readPictureHeader(bytes, page), limits.decodeMs);
    checkPictureHeader(header, page, limits);
    const { width, height } = header;
    const isTurned = !options.asReference || turnsAsReference(kind);
    const orientation = (isTurned && header.orientation) || 1;
    const liesDown = orientation > 4 && orientation <= 8;
    const shown = liesDown ? { width: height, height: width } : { width, height };
    return { ...pages, stored: { width, height }, shown, orientation };
  } catch (error) {
    throw explainPictureFault(error);
  }
}

/** @throws AppError `media_too_large`, `media_unsupported` */
export function checkPictureHeader(
  header: Metadata,
  page: number,
  limits: Readonly<PictureLimits> = pictureLimits,
): void {
  checkPictureSize(header, limits);
  const isAnimated = header.format === 'gif' || header.format === 'webp';
  if (isAnimated && page * header.width * header.height > limits.framePixels) {
    throw new AppError(
      'media_too_large',
      `Frame ${page} of this animation lies behind too many large ones. Ask about an earlier one.`,
    );
  }
  if (header.channels <= limits.channels) return;
  throw new AppError(
    'media_unsupported',
    `The picture has ${header.channels} colour channels; at most ${limits.channels} can be read.`,
  );
}
