/** Counts how often a JPEG makes its decoder walk through the whole picture, before a decoder does. */
import { AppError } from '../../preload/contract/errors.ts';
import type { PictureLimits } from './limits.ts';
import type { PictureKind } from './picture-file.ts';

/** @throws AppError `media_too_large` for a JPEG of more scans than the limit */
export function checkScans(bytes: Uint8Array, kind: PictureKind, limits: Readonly<PictureLimits>): void {
  if (kind !== 'jpeg' || countScans(bytes, limits.scans) <= limits.scans) return;
  throw new AppError(
    'media_too_large',
    `The picture is stored in more than ${limits.scans} layers. Save it as a plain JPEG and try again.`,
  );
}

/**
 * Starts of scan up to the picture's end, no further than `limit` + 1. Coded data hold no markers of this kind; metadata
 * may, as previews, and are stepped over. Source: ITU-T T.81, B.1.1.
 */
function countScans(bytes: Uint8Array, limit: number): number {
  const [startOfScan, endOfPicture] = [0xda, 0xd9];
  let scans = 0;
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 3 < bytes.length && scans <= limit; ) {
    const marker = bytes[at + 1]!;
    if (marker === endOfPicture) break; // a film or another picture may follow
    if (marker === startOfScan) scans++;
    const hasContent = marker >= 0xc0 && marker < 0xff && !(marker >= 0xd0 && marker <= 0xd9);
    const next = hasContent ? at + 2 + bytes[at + 2]! * 256 + bytes[at + 3]! : at + 1;
    at = bytes.indexOf(0xff, next);
  }
  return scans;
}
