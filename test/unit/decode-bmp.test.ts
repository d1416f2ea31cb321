/** BMP files of every kind become RGB; hostile ones are refused, fast. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decodeBmp } from '../../native-models/media/decode-bmp.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { type BmpShape, makeBmp } from '../support/make-bmp.ts';

const red = [255, 0, 0] as const;
const green = [0, 255, 0] as const;
const blue = [0, 0, 255] as const;
const black = [0, 0, 0] as const;
const palette = [black, red, green, blue];

function pixelsOf(shape: BmpShape): number[][] {
  const { pixels, width, height } = decodeBmp(makeBmp(shape));
  assert.deepEqual([width, height], [shape.width, Math.abs(shape.height)]);
  return Array.from({ length: width * height }, (_, index) => [...pixels.subarray(index * 3, index * 3 + 3)]);
}

/** Two rows of two pixels, bottom row first: blue, red below green, black. */
const expected = [green, black, blue, red].map((colour) => [...colour]);

const kinds: Record<string, Omit<BmpShape, 'width' | 'height'>> = {
  '2 bits': { bits: 2, palette, stored: Uint8Array.of(0b11010000, 0, 0, 0, 0b10000000, 0, 0, 0) },
  '4 bits': { bits: 4, palette, stored: Uint8Array.of(0x31, 0, 0, 0, 0x20, 0, 0, 0) },
  '8 bits': { bits: 8, palette, stored: Uint8Array.of(3, 1, 0, 0, 2, 0, 0, 0) },
  '8 bits with the header of OS/2': {
    bits: 8,
    headerBytes: 12,
    palette,
    stored: Uint8Array.of(3, 1, 0, 0, 2, 0, 0, 0),
  },
  '16 bits': { bits: 16, stored: Uint8Array.of(0x1f, 0, 0, 0x7c, 0xe0, 0x03, 0, 0) },
  '16 bits, 5-6-5': {
    bits: 16,
    compression: 3,
    masks: [0xf800, 0x07e0, 0x001f],
    stored: Uint8Array.of(0x1f, 0, 0, 0xf8, 0xe0, 0x07, 0, 0),
  },
  '24 bits': { bits: 24, stored: Uint8Array.of(255, 0, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0) },
  '32 bits': { bits: 32, stored: Uint8Array.of(255, 0, 0, 9, 0, 0, 255, 9, 0, 255, 0, 9, 0, 0, 0, 9) },
  '32 bits, red in the highest byte': {
    bits: 32,
    compression: 3,
    masks: [0xff000000, 0x00ff0000, 0x0000ff00],
    stored: Uint8Array.of(0, 255, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0),
  },
  'runs of 8 bits': {
    bits: 8,
    compression: 1,
    palette,
    stored: Uint8Array.of(1, 3, 1, 1, 0, 0, 1, 2, 1, 0, 0, 1),
  },
  'runs of 4 bits': { bits: 4, compression: 2, palette, stored: Uint8Array.of(2, 0x31, 0, 0, 2, 0x20, 0, 1) },
};

for (const [name, shape] of Object.entries(kinds)) {
  test(`a BMP of ${name} gives its colours`, () => {
    assert.deepEqual(pixelsOf({ width: 2, height: 2, ...shape }), expected);
  });
}

test('a BMP that forgets its palette when it tells where the pixels begin gives its colours', () => {
  const bytes = makeBmp({ width: 2, height: 2, ...kinds['8 bits']! });
  bytes.writeUInt32LE(palette.length, 46); // 54, right behind the header, is then where the palette begins
  bytes.writeUInt32LE(54, 10);
  const { pixels } = decodeBmp(bytes);
  assert.deepEqual(
    Array.from({ length: 4 }, (_, index) => [...pixels.subarray(index * 3, index * 3 + 3)]),
    expected,
  );
});

test('one bit a pixel runs from the highest bit', () => {
  const stored = Uint8Array.of(0b10100000, 0b01000000, 0, 0);
  const pixels = pixelsOf({ width: 10, height: 1, bits: 1, palette: [black, red], stored });
  assert.deepEqual(
    pixels.map(([value]) => value),
    [255, 0, 255, 0, 0, 0, 0, 0, 0, 255],
  );
});

test('a negative height counts rows from the top', () => {
  const shape = { ...kinds['24 bits']!, width: 2, height: -2 };
  assert.deepEqual(
    pixelsOf(shape),
    [blue, red, green, black].map((colour) => [...colour]),
  );
});

test('literal runs, jumps and what no run reaches', () => {
  // Row 0: three literal pixels (padded). Then a jump by (1, 0) from the next row's start, one pixel, the end.
  const stored = Uint8Array.of(0, 3, 1, 2, 3, 0, 0, 0, 0, 2, 1, 0, 1, 1, 0, 1);
  const pixels = pixelsOf({ width: 4, height: 2, bits: 8, compression: 1, palette, stored });
  const wanted = [black, red, black, black, red, green, blue, black];
  assert.deepEqual(
    pixels,
    wanted.map((colour) => [...colour]),
  );
});

test('runs over the edge, jumps outside and indices behind the palette do no harm', () => {
  const stored = Uint8Array.of(255, 1, 0, 0, 0, 2, 255, 255, 5, 5, 1, 1);
  const pixels = pixelsOf({ width: 2, height: 2, bits: 8, compression: 1, palette: [green, red], stored });
  const wanted = [green, green, red, red];
  assert.deepEqual(
    pixels,
    wanted.map((colour) => [...colour]),
  );
  const beyond = pixelsOf({
    width: 1,
    height: 1,
    bits: 8,
    palette: [red],
    stored: Uint8Array.of(7, 0, 0, 0),
  });
  assert.deepEqual(beyond, [[0, 0, 0]]);
});

function refusal(bytes: Uint8Array): string {
  try {
    decodeBmp(bytes);
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error.code;
  }
  return 'none';
}

test('hostile headers are refused from the header alone', () => {
  const plain = { ...kinds['24 bits']!, width: 2, height: 2 };
  const since = performance.now();
  assert.equal(refusal(makeBmp({ ...plain, width: 0x7fffffff, height: 0x7fffffff })), 'media_too_large');
  assert.equal(refusal(makeBmp({ ...plain, height: -0x80000000 })), 'media_too_large');
  assert.equal(
    refusal(makeBmp({ ...kinds['runs of 8 bits']!, width: 65_000, height: 65_000 })),
    'media_too_large',
  );
  assert.ok(performance.now() - since < 200);
  assert.equal(refusal(makeBmp({ ...plain, width: 0 })), 'media_broken');
  assert.equal(refusal(makeBmp({ ...plain, width: -2 })), 'media_broken');
  assert.equal(refusal(makeBmp({ ...plain, height: 3 })), 'media_broken', 'a row is missing');
  assert.equal(refusal(makeBmp({ ...plain, bits: 7 })), 'media_broken');
  assert.equal(refusal(makeBmp({ ...plain, compression: 4 })), 'media_unsupported', 'JPEG in BMP');
  assert.equal(refusal(Buffer.from('GIF89a, no BMP')), 'media_unsupported');
  assert.equal(refusal(new Uint8Array()), 'media_unsupported');
});

test('any damage gives pixels or a typed error', () => {
  const files = Object.values(kinds).map((shape) => makeBmp({ width: 2, height: 2, ...shape }));
  const damage = fc.tuple(
    fc.constantFrom(...files),
    fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 6 }),
    fc.nat(120),
  );
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(damage, ([file, changes, length]) => {
      const bytes = Uint8Array.from(file.subarray(0, length));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      outcomes.add(refusal(bytes));
    }),
    { seed: 4, numRuns: 3000 },
  );
  assert.ok(outcomes.has('none') && outcomes.has('media_broken'), [...outcomes].join());
});
