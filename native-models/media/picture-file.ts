/** Tells picture files by their first bytes: only kinds the product decodes get any further. */
import { AppError } from '../../preload/contract/errors.ts';
import { headBytes, readMediaFile } from './media-file.ts';

/** What sharp decodes. */
export type SharpKind = 'png' | 'jpeg' | 'webp' | 'gif' | 'avif' | 'tiff';

export type PictureKind = SharpKind | 'heic' | 'bmp';

/**
 * The whole file, at most `maxBytes` of it, by one handle: what was looked at is what is decoded. Decoders never see
 * the name, which libvips would search for options in brackets.
 * @throws AppError `file_unreadable`, `path_refused` for what is no plain file, `media_unsupported`, `media_broken`
 *   when empty, `media_too_large`
 */
export function readPictureFile(path: string, maxBytes: number): Promise<Uint8Array> {
  return readMediaFile(path, (head, sizeBytes) => {
    requirePictureKind(head);
    checkFileSize(sizeBytes, maxBytes);
  });
}

export function checkFileSize(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes <= maxBytes) return;
  const [size, limit] = [sizeBytes, maxBytes].map((bytes) => Math.ceil(bytes / 1024 / 1024));
  throw new AppError(
    'media_too_large',
    `The picture's file has ${size} MB; at most ${limit} MB can be read.`,
  );
}

/**
 * The kind that a file's first bytes tell; its name doesn't count.
 * @throws AppError `media_broken` for an empty file, `media_unsupported` for any other kind
 */
export function requirePictureKind(head: Uint8Array): PictureKind {
  if (head.length === 0) throw new AppError('media_broken', 'The picture file is empty.');
  const kind = sniffPictureKind(head);
  if (kind) return kind;
  throw new AppError(
    'media_unsupported',
    'This file is no picture the app can read. It reads PNG, JPEG, WebP, GIF, AVIF, TIFF, BMP and HEIC.',
  );
}

/** The kind of picture that begins like this, or null. */
export function sniffPictureKind(head: Uint8Array): PictureKind | null {
  const text = Buffer.from(head.subarray(0, headBytes)).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'webp';
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text)) return 'tiff'; // + in BigTIFF
  // Behind the letters the size of the second header, below 256: a text may well begin with BM.
  if (/^BM.{13}\0{3}/s.test(text)) return 'bmp';
  if (text.startsWith('ftyp', 4)) return sniffBrand(text);
  return null;
}

/** ISO-BMFF: the size of the `ftyp` box, its major brand, a version, and the compatible brands. */
function sniffBrand(text: string): 'avif' | 'heic' | null {
  const boxSize = Buffer.from(text.slice(0, 4), 'latin1').readUInt32BE();
  const brands = text.slice(8, boxSize).match(/.{4}/gs) ?? [];
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'avif';
  return brands.some((brand) => /^(?:hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand)) ? 'heic' : null;
}
