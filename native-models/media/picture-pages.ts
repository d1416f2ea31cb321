/** Pictures that hold several: the pages of a TIFF, the frames of an animation. */
import { AppError } from '../../preload/contract/errors.ts';
import { countFrames } from './count-frames.ts';
import { headBytes } from './media-file.ts';
import type { PictureKind } from './picture-file.ts';

/** What a file holds besides its first picture. */
export interface PicturePages {
  /** Pages of a TIFF or frames of a GIF or WebP; 1 for all other kinds. */
  pageCount: number;
  /** Whether the pages are the frames of an animation, of which a person sees the first unless another is asked for. */
  isAnimated: boolean;
}

/** Source: ISO 23008-12, annex B, and AV1 Image File Format, 8. */
const sequenceBrands = ['avis', 'hevc', 'hevx', 'msf1'];

const kindsWithPages: readonly PictureKind[] = ['tiff', 'gif', 'webp'];

/** @throws AppError `media_too_large` for more pages than `limit` */
export function readPages(bytes: Uint8Array, kind: PictureKind, limit: number): PicturePages {
  const counted = countFrames(bytes, kind, limit);
  if (counted > limit) {
    throw new AppError(
      'media_too_large',
      `The picture has more than ${limit} frames or pages. Save the one you mean as a file of its own.`,
    );
  }
  const pageCount = Math.max(1, counted); // a still WebP has no frames of its own, a damaged file none at all
  return { pageCount, isAnimated: isAnimation(bytes, kind) || (kind !== 'tiff' && pageCount > 1) };
}

/** Of an animated PNG, AVIF or HEIC only the still picture that stands for it is read, so its frames don't count. */
function isAnimation(bytes: Uint8Array, kind: PictureKind): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headBytes));
  // Source: PNG, third edition, 11.3.6.1: the chunk that announces frames stands before all pixels.
  if (kind === 'png')
    return head.includes('acTL') && !head.subarray(0, head.indexOf('acTL')).includes('IDAT');
  if (kind !== 'avif' && kind !== 'heic') return false;
  return sequenceBrands.includes(head.toString('latin1', 8, 12));
}

/** @throws AppError `invalid_request` for a page of a kind that has none, `not_found` for one beyond the last */
export function requirePage(
  kind: PictureKind,
  page: number | undefined,
  { pageCount }: PicturePages,
): number {
  if (page === undefined) return 1;
  if (!kindsWithPages.includes(kind)) {
    throw new AppError('invalid_request', 'The picture has no pages. Ask about it without naming one.');
  }
  if (Number.isInteger(page) && page >= 1 && page <= pageCount) return page;
  throw new AppError(
    'not_found',
    pageCount === 1
      ? 'The picture has one page only.'
      : `The picture has no page ${page}; its pages are 1 to ${pageCount}.`,
  );
}
