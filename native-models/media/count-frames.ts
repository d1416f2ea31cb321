/** Counts a file's frames or pages by its outline alone, before a decoder walks through them. */
import { listGifBlocks } from './gif-blocks.ts';
import type { PictureKind } from './picture-file.ts';

/**
 * Frames of a GIF or WebP or pages of a TIFF, no further than `limit` + 1. For other kinds 1: their decoders go
 * straight to the first.
 */
export function countFrames(bytes: Uint8Array, kind: PictureKind, limit: number): number {
  if (kind === 'gif') return countGifFrames(bytes, limit);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'webp') return countWebpFrames(view, limit);
  if (kind === 'tiff') return countTiffPages(view, limit);
  return 1;
}

function countGifFrames(bytes: Uint8Array, limit: number): number {
  let frames = 0;
  for (const { kind } of listGifBlocks(bytes)) {
    if (kind === 'frame') frames++;
    if (frames > limit) break;
  }
  return frames;
}

/** RIFF: chunks of a four-letter name, a size and the content, which is padded to an even length. */
function countWebpFrames(view: DataView, limit: number): number {
  const frameName = 0x414e4d46; // "ANMF"
  let frames = 0;
  for (let chunk = 12; chunk + 8 <= view.byteLength && frames <= limit; ) {
    if (view.getUint32(chunk) === frameName) frames++;
    const sizeBytes = view.getUint32(chunk + 4, true);
    chunk += 8 + sizeBytes + (sizeBytes % 2);
  }
  return frames;
}

/** TIFF 6.0, section 2: each directory ends with the place of the next one; BigTIFF has wider numbers. */
function countTiffPages(view: DataView, limit: number): number {
  if (view.byteLength < 16) return 0;
  const littleEndian = view.getUint8(0) === 0x49;
  const big = view.getUint16(2, littleEndian) === 43;
  const [countBytes, entryBytes, placeBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const read = (at: number, sizeBytes: number): number => {
    if (at + sizeBytes > view.byteLength) return 0;
    if (sizeBytes === 2) return view.getUint16(at, littleEndian);
    if (sizeBytes === 4) return view.getUint32(at, littleEndian);
    return Number(view.getBigUint64(at, littleEndian));
  };
  const pages = new Set<number>(); // some files name an earlier page as the next one; libtiff ends there, too
  for (let place = read(big ? 8 : 4, placeBytes); place > 0 && !pages.has(place) && pages.size <= limit; ) {
    pages.add(place);
    const entries = read(place, countBytes);
    place = read(place + countBytes + entries * entryBytes, placeBytes);
  }
  return pages.size;
}
