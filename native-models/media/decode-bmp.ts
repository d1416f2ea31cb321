/** A BMP file → RGB pixels: 1, 2, 4, 8, 16, 24 and 32 bits, run lengths, any order of rows. */
import { AppError } from '../../preload/contract/errors.ts';
import { type BmpHeader, readBmpHeader } from './bmp-header.ts';
import { unpackBmpRuns } from './bmp-runs.ts';
import { checkPictureSize, type PictureLimits, pictureLimits } from './limits.ts';
import type { RgbPicture } from './rgb-picture.ts';

/**
 * Alpha, which BMP readers disagree about, is left out. Rows missing at the end of a run-length file stay black, as
 * the format allows; a cut-off file of any other kind is refused.
 * @throws AppError `media_unsupported` (no BMP, or JPEG and PNG inside one), `media_broken`, `media_too_large`
 */
export function decodeBmp(bytes: Uint8Array, limits: Readonly<PictureLimits> = pictureLimits): RgbPicture {
  const header = readBmpHeader(bytes);
  const { width, height } = header;
  checkPictureSize(header, limits);
  const stored = bytes.subarray(header.pixelsAt);
  const packed = header.runLength ? unpackBmpRuns(stored, header) : stored;
  const bits = header.runLength ? 8 : header.bitsPerPixel;
  const rowBytes = header.runLength ? width : Math.ceil((width * bits) / 32) * 4;
  // The padding of the last row may be missing; its pixels may not.
  if (packed.length < rowBytes * (height - 1) + Math.ceil((width * bits) / 8)) {
    throw new AppError('media_broken', 'The picture is cut off: some of its rows are missing.');
  }
  const pixels = new Uint8Array(width * height * 3);
  const readRow = bits <= 8 ? readPaletteRow : header.masks ? readMaskedRow : readPlainRow;
  for (let y = 0; y < height; y++) {
    const row = packed.subarray((header.topDown ? y : height - 1 - y) * rowBytes);
    readRow({ row, header, bits }, pixels.subarray(y * width * 3, (y + 1) * width * 3));
  }
  return { width, height, pixels };
}

interface StoredRow {
  row: Uint8Array;
  header: BmpHeader;
  bits: number;
}

/** Indices behind the palette's end are black. */
function readPaletteRow({ row, header: { palette }, bits }: StoredRow, into: Uint8Array): void {
  const mask = (1 << bits) - 1;
  for (let x = 0; x * 3 < into.length; x++) {
    const firstBit = x * bits;
    const index = (row[firstBit >> 3]! >> (8 - bits - (firstBit & 7))) & mask;
    for (let channel = 0; channel < 3; channel++) into[x * 3 + channel] = palette[index * 3 + channel] ?? 0;
  }
}

/** Blue, green, red, and at 32 bits one byte more. */
function readPlainRow({ row, bits }: StoredRow, into: Uint8Array): void {
  const step = bits / 8;
  for (let x = 0; x * 3 < into.length; x++) {
    for (let channel = 0; channel < 3; channel++) into[x * 3 + channel] = row[x * step + 2 - channel]!;
  }
}

/** Any bits of a 16- or 32-bit word, stretched to 0–255. */
function readMaskedRow({ row, header, bits }: StoredRow, into: Uint8Array): void {
  const channels = header.masks!.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, most: mask >>> shift };
  });
  const step = bits / 8;
  for (let x = 0; x * 3 < into.length; x++) {
    let word = 0;
    for (let byte = 0; byte < step; byte++) word |= row[x * step + byte]! << (8 * byte);
    for (let channel = 0; channel < 3; channel++) {
      const { mask, shift, most } = channels[channel]!;
      into[x * 3 + channel] = most === 0 ? 0 : Math.round((((word & mask) >>> shift) * 255) / most);
    }
  }
}
