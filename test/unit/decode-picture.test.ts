/** What decoding refuses and how it says so, and colours that need a profile. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import sharp from 'sharp';
import { type DecodeOptions, decodePicture } from '../../native-models/media/decode-picture.ts';
import { pictureLimits } from '../../native-models/media/limits.ts';
import { inspectPicture } from '../../native-models/media/picture-header.ts';
import { AppError, appErrorCodes } from '../../preload/contract/errors.ts';
import { drawPicture } from '../support/drawn-pictures.ts';
import { makePng, makeTiff } from '../support/hostile-pictures.ts';

const pictures = fileURLToPath(new URL('../golden/media/pictures/', import.meta.url));
const picture = (file: string) => readFileSync(join(pictures, file));
const folder = mkdtempSync(join(tmpdir(), 'decode-picture-'));
after(() => rmSync(folder, { recursive: true }));

async function refusal(bytes: Uint8Array, options: DecodeOptions = {}): Promise<AppError> {
  const error = await decodePicture({ bytes }, options).then(
    () => null,
    (error: unknown) => error,
  );
  assert.ok(error instanceof AppError, `refused with ${error}`);
  return error;
}

test('what is no picture the product reads is refused as unsupported', async () => {
  const files = {
    svg: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    'svg with a prologue': '<?xml version="1.0"?><svg/>',
    pdf: '%PDF-1.7\n1 0 obj',
    'windows icon': '\0\0\x01\0\x01\0',
    video: '\0\0\0\x18ftypisom\0\0\0\0isommp42',
    text: 'GIF99a, honestly',
    'one byte': '\x89',
  };
  for (const [name, text] of Object.entries(files)) {
    assert.equal((await refusal(Buffer.from(text, 'latin1'))).code, 'media_unsupported', name);
  }
});

test('sharp itself has no loader left for what sniffing refuses', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  await assert.rejects(sharp(svg).metadata(), /unsupported/);
  const unlocked = `import sharp from 'sharp'; console.log((await sharp(Buffer.from('${svg}')).metadata()).format)`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', unlocked], {
    cwd: import.meta.dirname,
  });
  assert.equal(output.toString().trim(), 'svg', 'without the lock it has (negative control)');
});

test('empty, cut-off and garbled files are refused as broken', async () => {
  assert.equal((await refusal(new Uint8Array())).code, 'media_broken');
  const whole = ['rgba.png', 'rgb-42.jpg', 'lossy.webp', 'palette.gif', 'rgb-444.avif', 'lzw.tif'];
  for (const file of whole) {
    const bytes = picture(file);
    await decodePicture({ bytes });
    for (const share of [0.2, 0.5, 0.8]) {
      const cut = bytes.subarray(0, bytes.length * share);
      assert.equal((await refusal(cut)).code, 'media_broken', `${share} of ${file}`);
      assert.equal((await refusal(cut, { asReference: true })).code, 'media_broken', `${share} of ${file}`);
    }
  }
});

test('a picture of no width is refused as broken, pictures of one pixel’s width are read', async () => {
  assert.equal((await refusal(makePng(0, 0))).code, 'media_broken');
  for (const [width, height] of [
    [1, 1],
    [1, 20_000],
    [20_000, 1],
  ] as const) {
    const { pixels, ...size } = await decodePicture({ bytes: makePng(width, height, (width + 1) * height) });
    assert.deepEqual(size, { width, height });
    assert.equal(pixels.length, width * height * 3);
  }
});

test('a TIFF whose last page names the first as its next has those pages once', async () => {
  const endless = makeTiff({ width: 1, height: 1, channels: 1, pages: 3, endless: true });
  assert.equal((await inspectPicture(endless)).pageCount, 3);
  assert.equal((await decodePicture({ bytes: endless }, { page: 3 })).width, 1);
  await assert.rejects(decodePicture({ bytes: endless }, { page: 4 }), { code: 'not_found' });
});

test('more channels than a colour picture has are refused', async () => {
  const bytes = makeTiff({ width: 2, height: 2, channels: 9, pages: 1 });
  assert.equal((await refusal(bytes)).code, 'media_unsupported');
});

test('a caller may lower the limits but not raise them', async () => {
  const bytes = makePng(100, 100, 101 * 100);
  await decodePicture({ bytes }, { limits: { pixels: 10_000, sidePixels: 100 } });
  for (const limits of [{ pixels: 9_999 }, { sidePixels: 99 }, { fileBytes: 50 }]) {
    assert.equal((await refusal(bytes, { limits })).code, 'media_too_large');
  }
  const raised = { pixels: 1e12, sidePixels: 1e12 };
  assert.equal((await refusal(makePng(30_000, 30_000), { limits: raised })).code, 'media_too_large');
});

test('decoding that takes too long is given up', async () => {
  const { pixels } = drawPicture('noise', 500, 500);
  const bytes = await sharp(pixels, { raw: { width: 500, height: 500, channels: 3 } })
    .webp({ lossless: true, effort: 0 })
    .toBuffer();
  assert.equal((await refusal(bytes, { limits: { decodeMs: 1 } })).code, 'timed_out');
});

test('a file that can’t be read is refused without telling its folder', async () => {
  const notes = join(folder, 'notes.txt');
  writeFileSync(notes, 'not a picture');
  const large = join(folder, 'large.png');
  writeFileSync(large, makePng(3, 3));
  truncateSync(large, pictureLimits.fileBytes + 1); // sparse
  const expected = {
    [join(folder, 'missing.png')]: 'file_unreadable',
    [folder]: 'path_refused',
    [notes]: 'media_unsupported',
    [large]: 'media_too_large',
  };
  for (const [path, code] of Object.entries(expected)) {
    const error = await decodePicture({ path }).catch((error: unknown) => error);
    assert.ok(error instanceof AppError && error.code === code, `${path}: ${error}`);
    assert.ok(!error.message.includes(tmpdir()));
  }
});

test('a named pipe is refused, not waited for', { skip: process.platform === 'win32' }, async () => {
  const pipe = join(folder, 'pipe.png');
  execFileSync('mkfifo', [pipe]);
  await assert.rejects(decodePicture({ path: pipe }), { code: 'path_refused' });
});

test('brackets in a name are a name, not options for a decoder', async () => {
  const path = join(folder, 'pages.tif[page=1]');
  writeFileSync(path, picture('pages.tif'));
  assert.deepEqual(await decodePicture({ path }), await decodePicture({ bytes: picture('pages.tif') }));
});

test('colours of a wide profile are converted to sRGB, at 8 and at 16 bits, and left alone as the reference does', async () => {
  const colours = Buffer.from([200, 40, 40, 40, 200, 40, 40, 40, 200, 128, 128, 128]);
  for (const space of ['srgb', 'rgb16']) {
    for (const profile of ['p3', 'srgb']) {
      const bytes = await sharp(colours, { raw: { width: 2, height: 2, channels: 3 } })
        .toColourspace(space)
        .withIccProfile(profile)
        .png()
        .toBuffer();
      assert.equal(
        furthest((await decodePicture({ bytes })).pixels, colours) <= 1,
        true,
        `${space} ${profile}`,
      );
      const raw = furthest((await decodePicture({ bytes }, { asReference: true })).pixels, colours);
      assert.equal(raw > 10, profile === 'p3', `${space} ${profile} as reference`);
    }
  }
});

test('AVIF of 10 and 12 bits has the colours of 8', async () => {
  for (const bitdepth of [8, 10, 12] as const) {
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#c84020' } })
      .avif({ bitdepth, quality: 90 })
      .toBuffer();
    const { pixels } = await decodePicture({ bytes });
    assert.ok(
      furthest(pixels.subarray(0, 3), Uint8Array.of(0xc8, 0x40, 0x20)) <= 3,
      `${bitdepth}: ${pixels.subarray(0, 3)}`,
    );
  }
});

function furthest(actual: Uint8Array, expected: Uint8Array): number {
  return actual.reduce((most, byte, index) => Math.max(most, Math.abs(byte - expected[index]!)), 0);
}

test('damaged files give pixels or an error from the list, whatever the damage', async () => {
  const files = readdirSync(pictures).map((file) => picture(file));
  const damage = fc.record({
    file: fc.nat({ max: files.length - 1 }),
    hits: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }),
    asReference: fc.boolean(),
  });
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, hits, asReference }) => {
      const bytes = Buffer.from(files[file]!);
      for (const [place, value] of hits) bytes[place % bytes.length] = value;
      try {
        const { width, height, pixels } = await decodePicture({ bytes }, { asReference });
        assert.equal(pixels.length, width * height * 3);
        outcomes.add('pixels');
      } catch (error) {
        assert.ok(error instanceof AppError && appErrorCodes.includes(error.code), String(error));
        assert.notEqual(error.code, 'internal');
        outcomes.add(error.code);
      }
    }),
    { seed: 5, numRuns: 600 },
  );
  for (const outcome of ['pixels', 'media_broken', 'media_unsupported'])
    assert.ok(outcomes.has(outcome), outcome);
});
