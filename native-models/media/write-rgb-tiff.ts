/** Pixels and their colour profile as an uncompressed TIFF in memory. Source: TIFF 6.0, sections 2 and 6; ICC.1, B.4. */
import type { RgbPicture } from './rgb-picture.ts';

const [short, long, undefinedBytes] = [3, 4, 7];
const rowsPerStrip = 64;

/** @param icc the profile, stored as it is */
export function writeRgbTiff({ width, height, pixels }: RgbPicture, icc: Uint8Array): Uint8Array {
  const strips = Math.ceil(height / rowsPerStrip);
  const entryCount = 11;
  const bitsAt = 8 + 2 + entryCount * 12 + 4;
  const placesAt = bitsAt + 8; // three numbers of two bytes, and two bytes for evenness
  const sizesAt = placesAt + strips * 4;
  const iccAt = sizesAt + strips * 4;
  const pixelsAt = iccAt + icc.length + (icc.length % 2);
  const head = Buffer.alloc(pixelsAt);
  head.write('II*\0\x08\0\0\0', 'latin1');
  head.writeUInt16LE(entryCount, 8);
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, 3, bitsAt],
    [259, short, 1, 1], // not compressed
    [262, short, 1, 2], // RGB
    [273, long, strips, strips === 1 ? pixelsAt : placesAt],
    [277, short, 1, 3], // channels
    [278, long, 1, rowsPerStrip],
    [279, long, strips, strips === 1 ? pixels.length : sizesAt],
    [284, short, 1, 1], // red, green and blue side by side
    [34675, undefinedBytes, icc.length, iccAt],
  ];
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + index * 12;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    head.writeUInt32LE(value, at + 8);
  }
  for (const channel of [0, 1, 2]) head.writeUInt16LE(8, bitsAt + channel * 2);
  const stripBytes = rowsPerStrip * width * 3;
  for (let strip = 0; strip < strips; strip++) {
    head.writeUInt32LE(pixelsAt + strip * stripBytes, placesAt + strip * 4);
    head.writeUInt32LE(Math.min(stripBytes, pixels.length - strip * stripBytes), sizesAt + strip * 4);
  }
  head.set(icc, iccAt);
  return Buffer.concat([head, pixels]);
}
