/** What a BMP's header tells. Source: Microsoft's BITMAPINFOHEADER and its successors; OS/2's of 12 bytes. */
import { AppError } from '../../preload/contract/errors.ts';

export interface BmpHeader {
  width: number;
  height: number;
  topDown: boolean;
  bitsPerPixel: number;
  /** Whether 4- or 8-bit pixels are stored as runs. */
  runLength: boolean;
  /** Red, green and blue within a pixel's word; null where the bytes are plain blue, green, red. */
  masks: readonly [number, number, number] | null;
  /** uint8 [colours, 3], red first; empty without a palette. */
  palette: Uint8Array;
  pixelsAt: number;
}

const fileHeaderBytes = 14;
const plain = 0;
const runs8 = 1;
const runs4 = 2;
const bitFields = 3;
const alphaBitFields = 6;

function isBmp(head: Uint8Array): boolean {
  return head[0] === 0x42 && head[1] === 0x4d;
}

/** @throws AppError as `decodeBmp` */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  if (!isBmp(bytes)) throw new AppError('media_unsupported', 'This file is no BMP picture.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < fileHeaderBytes + 12) throw broken('its header is cut off');
  const headerBytes = view.getUint32(fileHeaderBytes, true);
  const old = headerBytes === 12;
  if (!old && headerBytes < 40) throw broken('its header is of no known kind');
  if (bytes.length < fileHeaderBytes + headerBytes) throw broken('its header is cut off');
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const bitsPerPixel = view.getUint16(old ? 24 : 28, true);
  const compression = old ? plain : view.getUint32(30, true);
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) throw broken('it has no size');
  checkCombination(bitsPerPixel, compression);
  const runLength = compression === runs8 || compression === runs4;
  if (runLength && signedHeight < 0) throw broken('runs can only be stored from the bottom');
  const masksFollow = headerBytes === 40 && (compression === bitFields || compression === alphaBitFields);
  const maskBytes = !masksFollow ? 0 : compression === bitFields ? 12 : 16;
  const paletteAt = fileHeaderBytes + headerBytes + maskBytes;
  const toldColours = old ? 0 : view.getUint32(46, true);
  const pixelsAt = findPixels(view, {
    paletteAt,
    paletteBytes: bitsPerPixel > 8 ? 0 : toldColours * 4,
    leastBytes: runLength ? Number.POSITIVE_INFINITY : leastPixelBytes({ width, height, bitsPerPixel }),
  });
  return {
    width,
    height,
    topDown: signedHeight < 0,
    bitsPerPixel,
    runLength,
    masks: readMasks(view, { bitsPerPixel, compression }),
    palette:
      bitsPerPixel > 8
        ? new Uint8Array()
        : readPalette(bytes.subarray(paletteAt, pixelsAt), {
            entryBytes: old ? 3 : 4,
            colours: Math.min(toldColours || 256, 1 << bitsPerPixel),
          }),
    pixelsAt,
  };
}

/** Where the pixels begin. Some writers forget the palette when they tell it; their files are that much longer. */
function findPixels(
  view: DataView,
  { paletteAt, paletteBytes, leastBytes }: { paletteAt: number; paletteBytes: number; leastBytes: number },
): number {
  const toldAt = view.getUint32(10, true);
  if (toldAt < paletteAt || toldAt > view.byteLength) throw broken('its pixels lie outside the file');
  const behindPalette = paletteAt + paletteBytes;
  const leavesRoom = view.byteLength >= behindPalette + leastBytes;
  return toldAt < behindPalette && leavesRoom ? behindPalette : toldAt;
}

/** Rows are padded to four bytes, but for the last one, whose padding may be missing. */
function leastPixelBytes({
  width,
  height,
  bitsPerPixel,
}: Pick<BmpHeader, 'width' | 'height' | 'bitsPerPixel'>): number {
  return Math.ceil((width * bitsPerPixel) / 32) * 4 * (height - 1) + Math.ceil((width * bitsPerPixel) / 8);
}

function checkCombination(bitsPerPixel: number, compression: number): void {
  const bits: Record<number, number[]> = {
    [plain]: [1, 2, 4, 8, 16, 24, 32],
    [runs8]: [8],
    [runs4]: [4],
    [bitFields]: [16, 32],
    [alphaBitFields]: [16, 32],
  };
  if (!bits[compression])
    throw new AppError('media_unsupported', 'This kind of BMP is not known. Save it as PNG.');
  if (!bits[compression].includes(bitsPerPixel)) throw broken('its bits and its packing do not fit together');
}

function readMasks(
  view: DataView,
  { bitsPerPixel, compression }: { bitsPerPixel: number; compression: number },
): BmpHeader['masks'] {
  if (compression === plain || compression === runs8 || compression === runs4) {
    return bitsPerPixel === 16 ? [0x7c00, 0x03e0, 0x001f] : null;
  }
  const masksAt = fileHeaderBytes + 40;
  if (view.byteLength < masksAt + 12) throw broken('its header is cut off');
  return [0, 4, 8].map((offset) => view.getUint32(masksAt + offset, true)) as [number, number, number];
}

function readPalette(
  stored: Uint8Array,
  { entryBytes, colours }: { entryBytes: number; colours: number },
): Uint8Array {
  const count = Math.min(colours, Math.floor(stored.length / entryBytes));
  const palette = new Uint8Array(count * 3);
  for (let index = 0; index < count; index++) {
    for (let channel = 0; channel < 3; channel++)
      palette[index * 3 + channel] = stored[index * entryBytes + 2 - channel]!;
  }
  return palette;
}

function broken(reason: string): AppError {
  return new AppError('media_broken', `The picture is damaged: ${reason}.`);
}
