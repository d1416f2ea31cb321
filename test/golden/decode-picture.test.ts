/** Decoded files of every kind against Pillow. Goldens: native-models/reference/picture_goldens.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { inspectPicture } from '../../native-models/media/picture-header.ts';
import type { RgbPicture } from '../../native-models/media/rgb-picture.ts';
import type { AppError } from '../../preload/contract/errors.ts';

interface PackedPicture {
  width: number;
  height: number;
  /** Base64 of deflated RGB. */
  rgb: string;
}

interface PictureCase {
  file: string;
  /** Of a file with several, counted from 1. */
  page?: number;
  /** `Image.open(file).convert('RGB')`; none where the decoder has turned the picture before anyone can ask. */
  reference?: PackedPicture;
  /** Upright, on white, 16 bits scaled, colours as sRGB: where that differs from the reference. */
  shown?: PackedPicture;
}

const cases = JSON.parse(
  readFileSync(new URL('media/pictures.json', import.meta.url), 'utf8'),
) as PictureCase[];

const pathOf = (file: string) => fileURLToPath(new URL(`media/pictures/${file}`, import.meta.url));

/** The largest difference of any byte; sizes must be equal. */
function difference(actual: RgbPicture, { width, height, rgb }: PackedPicture): number {
  assert.deepEqual([actual.width, actual.height], [width, height]);
  const expected = inflateSync(Buffer.from(rgb, 'base64'));
  assert.equal(actual.pixels.length, expected.length);
  return actual.pixels.reduce((most, byte, index) => Math.max(most, Math.abs(byte - expected[index]!)), 0);
}

/** AVIF comes from another decoder than Pillow's, whose conversion from YCbCr rounds differently, the more at 4:2:0. */
const avifTolerance = (file: string) => (/420|moving/.test(file) ? 2 : 1);

test('decoding as the reference gives Pillow’s bytes for every kind of file and every page', async () => {
  assert.ok(cases.length > 85, 'the goldens were found');
  for (const { file, page, reference } of cases) {
    if (!reference) continue;
    const picture = await decodePicture({ path: pathOf(file) }, { page, asReference: true });
    const tolerance = file.endsWith('.avif') ? avifTolerance(file) : 0;
    assert.ok(difference(picture, reference) <= tolerance, `${file} ${page ?? ''}`);
  }
});

/** Alpha over white is rounded differently, at 16 bits twice; CMYK goes through a profile instead of plain arithmetic. */
function shownTolerance({ file, page }: PictureCase): number {
  if (file.startsWith('cmyk') || (file === 'pages-unlike.tif' && page === 4)) return 40;
  if (file.endsWith('.avif')) return avifTolerance(file);
  if (/alpha16|rgba16/.test(file)) return 2;
  return /alpha|rgba|transparent|p3|moving.webp/.test(file) ? 1 : 0;
}

test('by default a picture comes as a person sees it: upright, on white, 16 bits scaled, as sRGB', async () => {
  for (const each of cases) {
    const picture = await decodePicture({ path: pathOf(each.file) }, { page: each.page });
    const expected = each.shown ?? each.reference!;
    assert.ok(difference(picture, expected) <= shownTolerance(each), `${each.file} ${each.page ?? ''}`);
  }
});

test('the header tells every page’s size, its turn, and how many there are', async () => {
  const pageCounts = Map.groupBy(cases, ({ file }) => file);
  for (const { file, page, reference, shown } of cases) {
    const bytes = readFileSync(pathOf(file));
    const upright = await inspectPicture(bytes, { page });
    const expected = shown ?? reference!;
    assert.deepEqual(upright.shown, { width: expected.width, height: expected.height }, file);
    assert.equal(upright.pageCount, pageCounts.get(file)!.length, file);
    assert.equal(upright.isAnimated, /^(?:frames|moving)/.test(file), file);
    const turned = /^turned-(\d)\.(?!avif)/.exec(file); // AVIF's turns are properties of the picture, already done
    assert.equal(upright.orientation, Number(turned?.[1] ?? 1), file);
    if (!reference) continue;
    const asReference = await inspectPicture(bytes, { page, asReference: true });
    assert.deepEqual(asReference.shown, { width: reference.width, height: reference.height }, file);
  }
});

test('a page beyond the last, and a page of a kind that has none, are refused by name', async () => {
  const refusal = (file: string, page: number) =>
    assert.rejects(decodePicture({ path: pathOf(file) }, { page }), (error: AppError) => {
      assert.equal(error.code, file.endsWith('.png') ? 'invalid_request' : 'not_found');
      return true;
    });
  await refusal('pages-unlike.tif', 6);
  await refusal('pages-unlike.tif', 0);
  await refusal('pages-unlike.tif', 1.5);
  await refusal('frames.gif', 3);
  await refusal('frames.webp', 3);
  await refusal('lossy.webp', 2);
  await refusal('rgb.png', 1);
});

test('the two ways of decoding differ where they should (negative control)', async () => {
  const differing = cases.filter(({ shown, reference }) => shown && reference);
  const names = differing.map(({ file }) => file);
  for (const kind of [
    'turned-5.jpg',
    'turned-6.webp',
    'rgba.png',
    'transparent.gif',
    'grey16.png',
    'p3.jpg',
  ]) {
    assert.ok(names.includes(kind), kind);
  }
  for (const { file, page, shown } of differing) {
    const picture = await decodePicture({ path: pathOf(file) }, { page, asReference: true });
    const sameSize = picture.width === shown!.width && picture.height === shown!.height;
    assert.ok(!sameSize || difference(picture, shown!) > 1, file);
  }
});

test('bytes and a path give the same picture', async () => {
  const path = pathOf('turned-6.jpg');
  assert.deepEqual(await decodePicture({ bytes: readFileSync(path) }), await decodePicture({ path }));
});
