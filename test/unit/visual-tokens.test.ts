import assert from 'node:assert/strict';
import test from 'node:test';
import type { VisionEncoder } from '../../native-models/inference/vision-encoder.ts';
import { createVisualTokenCache, encodePictures } from '../../native-models/inference/visual-tokens.ts';
import { toPixelValues } from '../../native-models/media/pixel-values.ts';
import type { PictureTiles } from '../../native-models/media/tiles.ts';

const tileSize = 2;
const tokenBytes = 4;

/** Tiles of one colour each; a picture of several lies in one row. */
function picture(...colours: number[]): PictureTiles {
  const pixels = Uint8Array.from(colours.flatMap((colour) => new Array(tileSize ** 2 * 3).fill(colour)));
  const size = { width: tileSize * colours.length, height: tileSize, columns: colours.length, rows: 1 };
  return { ...size, thumbnail: false, tileSize, tileCount: colours.length, pixels };
}

/** Stands for the network, of which only the order of tiles matters here: a tile's one token is its first value. */
function firstValueEncoder(tileBatch = 2) {
  const calls: number[] = [];
  const encoder: VisionEncoder = {
    tileSize,
    tileBatch,
    async encode(pixelValues, tileCount) {
      calls.push(tileCount);
      const stride = pixelValues.length / tileCount;
      return Float32Array.from({ length: tileCount }, (_, tile) => pixelValues[tile * stride]!);
    },
    async close() {},
  };
  return { encoder, calls };
}

/** Rounded to fp16, as the disk would keep it. */
const tokenOf = (colour: number) =>
  Math.f16round(toPixelValues(new Uint8Array(tileSize ** 2 * 3).fill(colour), tileSize)[0]!);

async function encode(
  pictures: PictureTiles[],
  options: { encoder: VisionEncoder; cache?: ReturnType<typeof createVisualTokenCache> },
): Promise<number[][]> {
  const work = encodePictures(pictures, {
    cache: createVisualTokenCache(),
    ...options,
    inTurn: (work) => work(),
    type: 'F16',
  });
  let step = await work.next();
  while (!step.done) step = await work.next();
  return step.value.map((tiles) => tiles.map((tokens) => tokens[0]!));
}

test('every tile gets its own tokens, in order, whatever the batches', async () => {
  for (const tileBatch of [1, 2, 3, 8]) {
    const { encoder } = firstValueEncoder(tileBatch);
    const tokens = await encode([picture(1, 2, 3), picture(2, 4, 5, 1)], { encoder });
    assert.deepEqual(tokens, [[1, 2, 3].map(tokenOf), [2, 4, 5, 1].map(tokenOf)]);
  }
});

test('a tile that the cache drops while its own request runs is still there at the end', async () => {
  const cache = createVisualTokenCache(2 * tokenBytes);
  const { encoder, calls } = firstValueEncoder();
  await encode([picture(1)], { encoder, cache });
  const tokens = await encode([picture(1, 2, 3, 4)], { encoder, cache });
  assert.deepEqual(tokens, [[1, 2, 3, 4].map(tokenOf)]);
  assert.deepEqual(calls, [1, 2, 1], 'the known tile was not encoded again');
});

test('the cache forgets the longest unused tile first', async () => {
  const cache = createVisualTokenCache(2 * tokenBytes);
  const { encoder, calls } = firstValueEncoder();
  await encode([picture(1), picture(2)], { encoder, cache });
  await encode([picture(1)], { encoder, cache }); // 2 is the longest unused now
  await encode([picture(3)], { encoder, cache });
  calls.length = 0;
  await encode([picture(1)], { encoder, cache });
  assert.deepEqual(calls, [], 'used lately, still known');
  await encode([picture(2)], { encoder, cache });
  assert.deepEqual(calls, [1], 'forgotten, encoded again');
});

test('tiles cut for another model are refused with both sizes, before anything is computed', async () => {
  const { encoder, calls } = firstValueEncoder();
  const other = { ...encoder, tileSize: 4 };
  await assert.rejects(encode([picture(1)], { encoder: other }), {
    code: 'invalid_request',
    message: /tiles of 2 pixels, this model takes 4/,
  });
  assert.deepEqual(calls, []);
});
