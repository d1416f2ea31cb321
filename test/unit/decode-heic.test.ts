/** HEIC photos become upright RGB; damaged ones are refused. Fixtures: test/support/pictures, made with libheif. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { decodeBmp } from '../../native-models/media/decode-bmp.ts';
import { decodeHeic, measureHeic } from '../../native-models/media/decode-heic.ts';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { convertPoint } from '../../native-models/media/geometry.ts';
import { pictureLimits } from '../../native-models/media/limits.ts';
import { sniffMediaKind } from '../../native-models/media/media-kind.ts';
import { decodePart, inspectFile } from '../../native-models/media/open-part.ts';
import { placeOfFile } from '../../native-models/media/picture-place.ts';
import type { RgbPicture } from '../../native-models/media/rgb-picture.ts';
import { AppError } from '../../preload/contract/errors.ts';
import {
  addHeicProperties,
  mirrorProperty,
  namedColoursProperty,
  profileProperty,
  turnProperty,
} from '../support/heic-properties.ts';
import { pngChunk } from '../support/hostile-pictures.ts';
import { makeBmp } from '../support/make-bmp.ts';

const readFixture = (name: string) => readFileSync(new URL(`../support/pictures/${name}`, import.meta.url));

/** The colours in the four corners, row by row, each channel to the nearest of 0 and 255 where it is close. */
function corners({ width, height, pixels }: RgbPicture): number[][] {
  const spots = [
    [4, 4],
    [width - 5, 4],
    [4, height - 5],
    [width - 5, height - 5],
  ] as const;
  return spots.map(([x, y]) => {
    const at = (y * width + x) * 3;
    return [...pixels.subarray(at, at + 3)].map((value) => (value < 8 ? 0 : value > 247 ? 255 : value));
  });
}

function colourAt({ width, pixels }: RgbPicture, x: number, y: number): number[] {
  const at = (y * width + x) * 3;
  return [...pixels.subarray(at, at + 3)];
}

const p3Picture = new URL('../golden/media/pictures/p3.png', import.meta.url);
const redBlue = readFixture('red-blue.heic');

/** What libvips makes of the same pixels when a PNG says that they are of the profile. */
async function asP3({ width, height, pixels }: RgbPicture, icc: Uint8Array): Promise<Uint8Array> {
  const plain = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const chunk = pngChunk('iCCP', Buffer.concat([Buffer.from('p3\0\0'), deflateSync(icc)]));
  const png = Buffer.concat([plain.subarray(0, 33), chunk, plain.subarray(33)]);
  return (await decodePicture({ bytes: png })).pixels;
}

const encodeWith = (profile: string) =>
  sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
    .withIccProfile(profile)
    .png()
    .toBuffer();

function furthest(actual: Uint8Array, expected: Uint8Array): number {
  return actual.reduce((most, byte, index) => Math.max(most, Math.abs(byte - expected[index]!)), 0);
}

const [red, blue, white] = [
  [255, 0, 0],
  [0, 0, 255],
  [255, 255, 255],
];

test('an HEIC photo gives its colours', async () => {
  const picture = await decodeHeic(redBlue);
  assert.deepEqual([picture.width, picture.height, picture.pixels.length], [120, 80, 120 * 80 * 3]);
  assert.deepEqual(corners(picture), [blue, red, red, red]);
});

test('a photo that is to be turned is turned once', async () => {
  const picture = await decodeHeic(readFixture('turned.heic'));
  assert.deepEqual([picture.width, picture.height], [80, 120]);
  assert.deepEqual(corners(picture), [red, blue, red, red]);
});

/** How a camera writes EXIF's eight orientations. Source: libavif, src/exif.c. */
const turns: Record<number, Buffer[]> = {
  1: [],
  2: [mirrorProperty(1)],
  3: [turnProperty(2)],
  4: [mirrorProperty(0)],
  5: [turnProperty(1), mirrorProperty(0)],
  6: [turnProperty(3)],
  7: [turnProperty(3), mirrorProperty(0)],
  8: [turnProperty(1)],
};

for (const [orientation, properties] of Object.entries(turns)) {
  test(`a photo turned and mirrored as EXIF's orientation ${orientation} comes out upright`, async () => {
    const bytes = addHeicProperties(redBlue, properties);
    const stored = await decodeHeic(redBlue);
    const shown = await decodeHeic(bytes);
    const size = { width: stored.width, height: stored.height };
    const place = placeOfFile({ stored: size, orientation: Number(orientation) });
    assert.deepEqual([shown.width, shown.height], [place.width, place.height]);
    for (const [x, y] of [
      [10, 10],
      [110, 10],
      [10, 70],
      [110, 70],
    ] as const) {
      const [across, down] = convertPoint(place, [x + 0.5, y + 0.5], { from: 'stored', to: 'pixels' });
      const expected = colourAt(stored, x, y);
      assert.deepEqual(colourAt(shown, Math.floor(across), Math.floor(down)), expected, `${x}, ${y}`);
    }
    assert.deepEqual(await measureHeic(bytes, pictureLimits), { width: place.width, height: place.height });
  });
}

test('colours of a profile become sRGB, whether it is given as ICC or by number, but not as the reference', async () => {
  const ofCamera = (await sharp(await readFile(p3Picture)).metadata()).icc!;
  const ofLibvips = (await sharp(await encodeWith('p3')).metadata()).icc!; // the same space, its numbers rounded otherwise
  const wide = [
    { name: 'profile', property: profileProperty(ofCamera), icc: ofCamera },
    { name: 'number', property: namedColoursProperty(12, 13, 6), icc: ofLibvips },
  ];
  for (const { name, property, icc } of wide) {
    const bytes = addHeicProperties(readFixture('colours.heic'), [property]);
    const raw = await decodeHeic(bytes, { asReference: true });
    const shown = await decodeHeic(bytes);
    const expected = await asP3(raw, icc);
    assert.ok(furthest(shown.pixels, expected) <= 1, name);
    assert.ok(furthest(shown.pixels, raw.pixels) > 8, `${name}: the profile makes a difference`);
    assert.deepEqual(await decodePicture({ bytes }), shown);
    assert.deepEqual(await decodePicture({ bytes }, { asReference: true }), raw);
  }
});

test('colours that are sRGB already, or of a profile that makes no sense, are left alone', async () => {
  const plain = await decodeHeic(readFixture('colours.heic'));
  const srgb = (await sharp(await encodeWith('srgb')).metadata()).icc!;
  const harmless = {
    'sRGB by number': namedColoursProperty(1, 13, 6),
    'not told': namedColoursProperty(2, 2, 6),
    'sRGB as a profile': profileProperty(srgb),
    'no profile at all': profileProperty(Buffer.from('nonsense')),
    'an empty profile': profileProperty(new Uint8Array()),
    'a profile cut off': profileProperty(srgb.subarray(0, 200)),
  };
  for (const [name, property] of Object.entries(harmless)) {
    const picture = await decodeHeic(addHeicProperties(readFixture('colours.heic'), [property]));
    assert.ok(furthest(picture.pixels, plain.pixels) <= 1, name);
  }
});

test('a size is told without decoding', async () => {
  const cut = redBlue.subarray(0, redBlue.length - 200);
  assert.deepEqual(await measureHeic(cut, pictureLimits), { width: 120, height: 80 });
  assert.equal(await refusal(cut), 'media_broken');
});

test('what is transparent lies on white', async () => {
  const [left, right] = corners(await decodeHeic(readFixture('half-transparent.heic')));
  assert.deepEqual(left, white);
  assert.ok(Math.abs(right![0]! - 200) < 8, String(right));
});

async function refusal(bytes: Uint8Array, limits = pictureLimits): Promise<string> {
  try {
    await decodeHeic(bytes, { limits });
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error.code;
  }
  return 'none';
}

test('photos over the limits are refused', async () => {
  const photo = readFixture('red-blue.heic');
  assert.equal(await refusal(photo, { ...pictureLimits, pixels: 120 * 80 }), 'none');
  assert.equal(await refusal(photo, { ...pictureLimits, pixels: 120 * 80 - 1 }), 'media_too_large');
  assert.equal(await refusal(photo, { ...pictureLimits, sidePixels: 119 }), 'media_too_large');
  assert.equal(await refusal(photo, { ...pictureLimits, decodeMs: 1 }), 'timed_out');
});

test('a photo that claims to be huge, is cut off or is something else is refused', async () => {
  const huge = Buffer.from(readFixture('red-blue.heic'));
  const sizeAt = huge.indexOf('ispe') + 8;
  huge.writeUInt32BE(60_000, sizeAt);
  huge.writeUInt32BE(60_000, sizeAt + 4);
  const since = performance.now();
  assert.equal(await refusal(huge), 'media_too_large');
  assert.ok(performance.now() - since < 5000);
  const photo = readFixture('red-blue.heic');
  assert.equal(await refusal(photo.subarray(0, 200)), 'media_broken');
  assert.equal(await refusal(photo.subarray(0, photo.length - 200)), 'media_broken');
  assert.equal(await refusal(Buffer.from('no photo')), 'media_broken');
});

test('the picture door takes HEIC and BMP, by path and by bytes, and knows their size', async () => {
  const photo = readFixture('turned.heic');
  assert.deepEqual(await decodePicture({ bytes: photo }), await decodeHeic(photo));
  assert.equal(sniffMediaKind(photo), 'picture');
  const file = { name: 'turned.heic', kind: 'picture' as const, bytes: photo };
  const { picture, place } = await decodePart(file, {}, { budget: { maxTiles: 1, tileSize: 56 } });
  const { width, height } = picture;
  assert.deepEqual(place, { kind: 'file', width, height, orientation: 1 });
  const description = { kind: 'picture', width, height, pageCount: 1, isAnimated: false };
  assert.deepEqual(await inspectFile(file), description);

  const bmp = makeBmp({ width: 2, height: 1, bits: 24, stored: Uint8Array.of(1, 2, 3, 4, 5, 6, 0, 0) });
  assert.deepEqual(await decodePicture({ bytes: bmp }), decodeBmp(bmp));
});
