/** Small files that claim to be huge, or endless, or something else: what limits and sniffing are tried with. */
import { crc32, deflateSync } from 'node:zlib';

/** How a PNG's pixels are stored; default grey of 8 bits, row by row. */
export interface PngKind {
  bits?: number;
  /** 0 grey, 2 colour, 3 palette, 6 colour with alpha. */
  colourType?: number;
  isInterlaced?: boolean;
}

/** A PNG whose header names any size; its content is `flatBytes` zeros, packed. */
export function makePng(width: number, height: number, flatBytes = 100, kind: PngKind = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([kind.bits ?? 8, kind.colourType ?? 0, 0, 0, kind.isInterlaced ? 1 : 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(flatBytes))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

export function pngChunk(name: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** A GIF of one pixel's content, with any canvas, frame size and number of frames. */
export function makeGif(side: number, frameSide: number, frames: number): Buffer {
  const screen = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  screen.writeUInt16LE(side, 6);
  screen.writeUInt16LE(side, 8);
  const frame = Buffer.from(',\0\0\0\0\0\0\0\0\0\x02\x02D\x01\0', 'latin1');
  frame.writeUInt16LE(frameSide, 5);
  frame.writeUInt16LE(frameSide, 7);
  return Buffer.concat([screen, ...new Array<Buffer>(frames).fill(frame), Buffer.from(';')]);
}

export interface TiffShape {
  width: number;
  height: number;
  channels: number;
  pages: number;
  /** The last page names the first as its next. */
  endless?: boolean;
}

/** An uncompressed little-endian TIFF that says what it is asked to; its content is one byte. */
export function makeTiff({ width, height, channels, pages, endless = false }: TiffShape): Buffer {
  const tags = [
    ...[
      [256, width],
      [257, height],
      [258, 8],
      [259, 1],
      [262, 1],
      [273, 4],
      [277, channels],
      [278, height],
    ],
    [279, Math.min(width * height * channels, 2 ** 32 - 1)],
  ];
  const pageBytes = 2 + tags.length * 12 + 4;
  const file = Buffer.alloc(8 + pages * pageBytes);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  for (let page = 0; page < pages; page++) {
    const at = 8 + page * pageBytes;
    file.writeUInt16LE(tags.length, at);
    for (const [index, [tag, value]] of tags.entries()) {
      const entry = at + 2 + index * 12;
      file.writeUInt16LE(tag!, entry);
      file.writeUInt16LE(4, entry + 2); // LONG
      file.writeUInt32LE(1, entry + 4);
      file.writeUInt32LE(value!, entry + 8);
    }
    const next = page < pages - 1 ? at + pageBytes : endless ? 8 : 0;
    file.writeUInt32LE(next, at + pageBytes - 4);
  }
  return file;
}

/** A WebP of nothing but animation frames. */
export function makeWebpFrames(frames: number): Buffer {
  const head = Buffer.from('RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0', 'latin1');
  const frame = Buffer.from(`ANMF\x10\0\0\0${'\0'.repeat(16)}`, 'latin1');
  const file = Buffer.concat([head, ...new Array<Buffer>(frames).fill(frame)]);
  file.writeUInt32LE(file.length - 8, 4);
  return file;
}

/** A JPEG, progressive or not, whose frame header claims another size. */
export function resizeJpegHeader(jpeg: Uint8Array, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg);
  const frame = [0xc0, 0xc2].map((kind) => changed.indexOf(Buffer.from([0xff, kind]))).find((at) => at > 0)!;
  changed.writeUInt16BE(height, frame + 5);
  changed.writeUInt16BE(width, frame + 7);
  return changed;
}

/** An AVIF or HEIC whose item properties claim another size. */
export function resizeHeifHeader(heif: Uint8Array, width: number, height: number): Buffer {
  const changed = Buffer.from(heif);
  for (let at = changed.indexOf('ispe'); at >= 0; at = changed.indexOf('ispe', at + 4)) {
    changed.writeUInt32BE(width, at + 8);
    changed.writeUInt32BE(height, at + 12);
  }
  return changed;
}

/** A lossless WebP (`VP8L`) whose header claims another size, at most 16,384 a side. */
export function resizeWebpHeader(webp: Uint8Array, width: number, height: number): Buffer {
  const changed = Buffer.from(webp);
  const at = changed.indexOf('VP8L') + 9; // behind name, size and signature
  const sizes = (width - 1) | ((height - 1) << 14);
  changed.writeUInt32LE(((changed.readUInt32LE(at) & 0xf0000000) | sizes) >>> 0, at);
  return changed;
}

/** A WebP with the header of extended ones, which names a canvas of up to 16,777,216 a side, and no picture. */
export function makeWebpCanvas(side: number): Buffer {
  const file = Buffer.from('RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0VP8L\0\0\0\0', 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.writeUIntLE(side - 1, 24, 3);
  file.writeUIntLE(side - 1, 27, 3);
  return file;
}

/** A BigTIFF of one page whose sizes take 64 bits. */
export function makeBigTiff(width: bigint, height: bigint): Buffer {
  const tags: [number, bigint][] = [
    [256, width],
    [257, height],
    [258, 8n],
    [259, 1n],
    [262, 1n],
    [273, 16n],
    [277, 1n],
    [278, height],
    [279, width * height],
  ];
  const file = Buffer.alloc(16 + 8 + tags.length * 20 + 8);
  file.write('II+\0\x08\0\0\0', 'latin1');
  file.writeBigUInt64LE(16n, 8);
  file.writeBigUInt64LE(BigInt(tags.length), 16);
  for (const [index, [tag, value]] of tags.entries()) {
    const at = 24 + index * 20;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(16, at + 2); // LONG8
    file.writeBigUInt64LE(1n, at + 4);
    file.writeBigUInt64LE(value & 0xffffffffffffffffn, at + 12);
  }
  return file;
}

/**
 * A flat grey progressive JPEG that codes each of its 63 frequencies by itself, again for every bit of precision: each
 * scan takes a few bytes and makes the decoder walk through all of the picture. Source: ITU-T T.81, annex G.
 * @param side in pixels, a multiple of 8
 * @param scansOfEach 1 to 14 for each frequency
 */
export function makeJpegOfManyScans(side: number, scansOfEach: number): Buffer {
  const blocks = (side / 8) ** 2;
  const bitsOfRun = 14;
  const parts = [
    Buffer.from([0xff, 0xd8]),
    jpegSegment(0xdb, [0, ...new Array<number>(64).fill(1)]),
    jpegSegment(0xc2, [8, side >> 8, side & 255, side >> 8, side & 255, 1, 1, 0x11, 0]),
    jpegSegment(0xc4, [0x00, 1, ...new Array<number>(15).fill(0), 0]), // one code: no change of brightness
    // Fifteen codes of four bits: this frequency is zero in the next 1, 2 to 3, 4 to 7, … blocks.
    jpegSegment(0xc4, [
      0x10,
      ...[0, 0, 0, bitsOfRun + 1],
      ...new Array<number>(12).fill(0),
      ...Array.from({ length: bitsOfRun + 1 }, (_, bits) => bits << 4),
    ]),
    jpegSegment(0xda, [1, 1, 0, 0, 0, 0]),
    Buffer.alloc(Math.ceil(blocks / 8)),
  ];
  const zeros = codeRuns(blocks, 2 ** (bitsOfRun + 1) - 1);
  for (let frequency = 1; frequency < 64; frequency++) {
    for (let bit = scansOfEach - 1; bit >= 0; bit--) {
      const before = bit === scansOfEach - 1 ? 0 : bit + 1;
      parts.push(jpegSegment(0xda, [1, 1, 0, frequency, frequency, (before << 4) | bit]), zeros);
    }
  }
  return Buffer.concat([...parts, Buffer.from([0xff, 0xd9])]);
}

function jpegSegment(marker: number, content: readonly number[]): Buffer {
  const sizeBytes = content.length + 2;
  return Buffer.from([0xff, marker, sizeBytes >> 8, sizeBytes & 255, ...content]);
}

/** The codes of the table above for so many blocks of zeros. */
function codeRuns(blocks: number, longest: number): Buffer {
  let bits = '';
  for (let left = blocks; left > 0; left -= Math.min(left, longest)) {
    const digits = Math.min(left, longest).toString(2); // the leading one is said by the code's number
    bits += (digits.length - 1).toString(2).padStart(4, '0') + digits.slice(1);
  }
  const bytes = bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '1'), 2));
  return Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])));
}
