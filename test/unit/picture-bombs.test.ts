/** Small files that want much time or memory: refused from their header, or answered within the limits. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { pictureLimits } from '../../native-models/media/limits.ts';
import { inspectPicture } from '../../native-models/media/picture-header.ts';
import { AppError, type AppErrorCode } from '../../preload/contract/errors.ts';
import {
  makeBigTiff,
  makeGif,
  makeJpegOfManyScans,
  makePng,
  makeTiff,
  makeWebpCanvas,
  makeWebpFrames,
  pngChunk,
  resizeHeifHeader,
  resizeJpegHeader,
  resizeWebpHeader,
} from '../support/hostile-pictures.ts';
import { makeBmp } from '../support/make-bmp.ts';

const picture = (file: string) => readFileSync(new URL(`../golden/media/pictures/${file}`, import.meta.url));
const photo = readFileSync(new URL('../support/pictures/red-blue.heic', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'picture-bombs-'));
after(() => rmSync(folder, { recursive: true }));

const tiff = { width: 1, height: 1, channels: 1, pages: 1 };
const flat = { bits: 8, stored: new Uint8Array(8) };
const tooLarge = 'media_too_large';
const broken = 'media_broken';

/** What each is refused as; `media_broken` where the header contradicts itself. */
const bombs: Record<string, [make: () => Uint8Array, code: AppErrorCode]> = {
  'a flat PNG of 30,000²': [() => makePng(30_000, 30_000, 1_000_000), tooLarge],
  'a PNG of 40,000² in black and white': [() => makePng(40_000, 40_000, 100, { bits: 1 }), tooLarge],
  'a PNG of 20,000² in rounds': [() => makePng(20_000, 20_000, 100, { isInterlaced: true }), tooLarge],
  'a PNG of 12,000² and 64 bits': [() => makePng(12_000, 12_000, 100, { bits: 16, colourType: 6 }), tooLarge],
  'a PNG strip of 90,000,000 × 1': [() => makePng(90_000_000, 1), tooLarge],
  'a PNG strip of 1 × 65,536': [() => makePng(1, 65_536), tooLarge],
  'a PNG of 2³¹ − 1 a side': [() => makePng(0x7fffffff, 0x7fffffff), broken],
  'a PNG of 2³² − 1 a side': [() => makePng(0xffffffff, 0xffffffff), broken],
  'a JPEG of 65,500²': [() => resizeJpegHeader(picture('rgb-40.jpg'), 65_500, 65_500), tooLarge],
  'a progressive JPEG of 65,500²': [
    () => resizeJpegHeader(picture('progressive.jpg'), 65_500, 65_500),
    tooLarge,
  ],
  'a CMYK JPEG of 20,000²': [() => resizeJpegHeader(picture('cmyk.jpg'), 20_000, 20_000), tooLarge],
  'a JPEG of 10,000² in 882 layers': [() => makeJpegOfManyScans(10_000, 14), tooLarge],
  'an AVIF of 30,000²': [() => resizeHeifHeader(picture('rgb-444.avif'), 30_000, 30_000), tooLarge],
  'an AVIF strip of 70,000 × 1': [() => resizeHeifHeader(picture('rgb-444.avif'), 70_000, 1), tooLarge],
  'an AVIF of 2³² − 1 a side': [
    () => resizeHeifHeader(picture('rgb-444.avif'), 0xffffffff, 0xffffffff),
    broken,
  ],
  'a GIF of 65,535²': [() => makeGif(65_535, 65_535, 1), tooLarge],
  'a GIF of one pixel with a frame of 65,535²': [() => makeGif(1, 65_535, 1), tooLarge],
  'a GIF of a million frames': [() => makeGif(1, 1, 1_000_000), tooLarge],
  'a lossless WebP of 16,383²': [() => resizeWebpHeader(picture('grey.webp'), 16_383, 16_383), tooLarge],
  'a WebP of 100,000 frames': [() => makeWebpFrames(100_000), tooLarge],
  'a WebP with a canvas of 16,777,216²': [() => makeWebpCanvas(16_777_216), broken],
  'a TIFF of 65,000²': [() => makeTiff({ ...tiff, width: 65_000, height: 65_000 }), tooLarge],
  'a TIFF strip of 100,000,000 × 1': [() => makeTiff({ ...tiff, width: 100_000_000 }), broken],
  'a TIFF of 2³² − 1 a side': [() => makeTiff({ ...tiff, width: 0xffffffff, height: 0xffffffff }), broken],
  'a TIFF of 65,535 pages': [() => makeTiff({ ...tiff, pages: 65_535 }), tooLarge],
  'a TIFF of 65,535 channels': [() => makeTiff({ ...tiff, channels: 65_535 }), broken],
  'a large TIFF of 100,000²': [() => makeBigTiff(100_000n, 100_000n), tooLarge],
  'a large TIFF of 2⁶⁰ a side': [() => makeBigTiff(1n << 60n, 1n << 60n), broken],
  'a BMP of 2³¹ − 1 a side': [() => makeBmp({ ...flat, width: 0x7fffffff, height: 0x7fffffff }), tooLarge],
  'a BMP of 65,000² in runs': [
    () => makeBmp({ ...flat, width: 65_000, height: 65_000, compression: 1 }),
    tooLarge,
  ],
  'a BMP of 65,535² with an old header': [
    () => makeBmp({ ...flat, width: 65_535, height: 65_535, headerBytes: 12 }),
    tooLarge,
  ],
};

test('there are more than thirty of them', () => assert.ok(Object.keys(bombs).length > 30));

for (const [name, [make, code]] of Object.entries(bombs)) {
  test(`${name} is refused in less than 200 ms, by who looks and by who opens`, async () => {
    const bytes = make();
    const startMs = performance.now();
    assert.equal(await codeOf(decodePicture({ bytes })), code);
    assert.ok(performance.now() - startMs < 200);
    assert.equal(await codeOf(inspectPicture(bytes)), code);
    assert.ok(performance.now() - startMs < 400);
  });
}

test('a HEIC of 30,000² or with a side of 70,000 is refused as soon as its thread has started', async () => {
  await decodePicture({ bytes: photo });
  for (const [width, height] of [
    [30_000, 30_000],
    [70_000, 2],
    [0xffffffff, 0xffffffff],
  ] as const) {
    const bytes = resizeHeifHeader(photo, width, height);
    const startMs = performance.now();
    const code = await codeOf(decodePicture({ bytes }));
    assert.ok(code === tooLarge || (width > 2 ** 31 && code === broken), `${width}: ${code}`);
    assert.ok(performance.now() - startMs < 1_000);
  }
});

test('a GIF that claims a canvas of 65,535² around a frame of one pixel is read as what it shows', async () => {
  const { width, height } = await decodePicture({ bytes: makeGif(65_535, 1, 1) });
  assert.ok(width * height < 1_000_000, `${width} × ${height}`);
});

test('pictures made the same way within the limits are read (control)', async () => {
  const files = {
    png: makePng(3, 3),
    'interlaced png': makePng(3, 3, 100, { isInterlaced: true }),
    jpeg: makeJpegOfManyScans(64, 1),
    gif: makeGif(1, 1, 1_000),
    webp: resizeWebpHeader(picture('grey.webp'), 23, 17),
    avif: resizeHeifHeader(picture('rgb-444.avif'), 23, 17),
    heic: resizeHeifHeader(photo, 120, 80),
    tiff: makeTiff({ ...tiff, pages: 1_000 }),
    'large tiff': makeBigTiff(8n, 1n),
    bmp: makeBmp({ ...flat, width: 2, height: 2 }),
  };
  for (const [name, bytes] of Object.entries(files)) {
    assert.equal(await codeOf(decodePicture({ bytes })), 'fine', name);
  }
});

test('a frame behind too many large ones is not looked for; an early one is', async () => {
  const gif = makeGif(200, 1, 1_000);
  assert.equal(await codeOf(decodePicture({ bytes: gif }, { page: 1_000 })), 'fine');
  const limits = { framePixels: 200 * 200 * 999 };
  assert.equal(await codeOf(decodePicture({ bytes: gif }, { page: 1_000, limits })), tooLarge);
  assert.equal(await codeOf(decodePicture({ bytes: gif }, { page: 999, limits })), 'fine');
  const large = makeGif(2_000, 1, 600);
  assert.equal(await codeOf(decodePicture({ bytes: large }, { page: 600 })), tooLarge);
  assert.equal(await codeOf(decodePicture({ bytes: large })), 'fine');
});

test('a JPEG’s layers are counted up to its end, and not in its metadata', async () => {
  const jpeg = picture('rgb-42.jpg');
  const scan = Buffer.from([0xff, 0xda, 0, 4, 0, 0]);
  const behind = Buffer.concat([jpeg, ...new Array<Buffer>(200).fill(scan)]);
  const preview = Buffer.concat([Buffer.from([0xff, 0xe1, 4, 0xb2]), ...new Array<Buffer>(200).fill(scan)]);
  const within = Buffer.concat([jpeg.subarray(0, 2), preview, jpeg.subarray(2)]);
  for (const bytes of [behind, within]) {
    assert.deepEqual(await decodePicture({ bytes }), await decodePicture({ bytes: jpeg }));
  }
  const layers = makeJpegOfManyScans(16, 1); // 64
  assert.equal(await codeOf(decodePicture({ bytes: layers }, { limits: { scans: 63 } })), tooLarge);
  assert.equal(await codeOf(decodePicture({ bytes: layers }, { limits: { scans: 64 } })), 'fine');
});

test('packed metadata of 400 MB is not unpacked into memory', () => {
  const png = makePng(3, 3);
  const zeros = deflateSync(Buffer.alloc(400_000_000), { level: 1 });
  const chunks = { zTXt: 'note\0\0', iCCP: 'profile\0\0', iTXt: 'note\0\x01\0\0\0' };
  const baseBytes = peakBytesOf(png);
  for (const [kind, head] of Object.entries(chunks)) {
    const chunk = pngChunk(kind, Buffer.concat([Buffer.from(head, 'latin1'), zeros]));
    const extraBytes = peakBytesOf(Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)])) - baseBytes;
    assert.ok(extraBytes < 100_000_000, `${kind}: ${extraBytes} bytes`);
  }
});

test('the largest picture that is read takes less than 600 MB', async (t) => {
  const side = Math.sqrt(pictureLimits.pixels);
  const flat = { create: { width: side, height: side, channels: 3 as const, background: '#345' } };
  const png = await sharp(flat).png().toBuffer();
  const peakBytes = peakBytesOf(png);
  t.diagnostic(`${png.length} bytes of PNG, ${Math.round(peakBytes / 1e6)} MB of memory`);
  assert.ok(peakBytes < 600_000_000);
});

/** Peak memory of a process of its own that decodes the bytes. */
function peakBytesOf(bytes: Uint8Array): number {
  const path = join(folder, 'measured.png');
  writeFileSync(path, bytes);
  const script = `
    const { decodePicture } = await import('../../native-models/media/decode-picture.ts');
    await decodePicture({ path: ${JSON.stringify(path)} });
    console.log(process.resourceUsage().maxRSS * 1024);`;
  const options = { cwd: import.meta.dirname };
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], options));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'fine';
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error.code;
  }
}
