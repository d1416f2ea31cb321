/** Where geometry says a box lies, against where real decoders, pdfium and the tiling show it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import sharp from 'sharp';
import { type Box, boxOfSize, type Size } from '../../native-models/media/box.ts';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { convertBox, listTilesOfBox } from '../../native-models/media/geometry.ts';
import { decodePart } from '../../native-models/media/open-part.ts';
import { openPdf } from '../../native-models/media/pdf-document.ts';
import { placeOfFile, placeOfPage, storedSize } from '../../native-models/media/picture-place.ts';
import type { RgbPicture } from '../../native-models/media/rgb-picture.ts';
import { listTargetRatios } from '../../native-models/media/target-ratios.ts';
import { makeTiles } from '../../native-models/media/tiles.ts';
import { findDark } from '../support/find-dark.ts';
import { makePdf } from '../support/make-pdf.ts';
import { assertNear } from '../support/picture-places.ts';

test('a box on the stored pixels is where the decoder shows it, for every EXIF orientation', async () => {
  const stored = { width: 31, height: 17 };
  const marked: Box = [5, 3, 12, 7];
  const { pixels } = paintBoxes(stored, [marked]);
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const bytes = await sharp(pixels, { raw: { ...stored, channels: 3 } })
      .withMetadata({ orientation })
      .png()
      .toBuffer();
    const shown = await decodePicture({ bytes });
    const place = placeOfFile({ stored, orientation });
    assert.deepEqual(boxOfSize(place), boxOfSize(shown));
    assert.deepEqual(storedSize(place), stored);
    const expected = findDark(shown);
    assertNear(convertBox(place, marked, { from: 'stored', to: 'pixels' }), expected, 1e-9);
    assertNear(convertBox(place, expected, { from: 'pixels', to: 'stored' }), marked, 1e-9);
    const taken = orientation === 1 ? 2 : 1;
    const mistaken = { ...place, orientation: taken } as const;
    const elsewhere = convertBox(mistaken, marked, { from: 'stored', to: 'pixels' }).map(Math.round);
    assert.notDeepEqual(elsewhere, expected, 'another orientation is another place (negative control)');
  }
});

test('a region of a turned picture is that part of it, whichever way it is decoded', async () => {
  const folder = new URL('../golden/media/pictures/', import.meta.url);
  const region: Box = [0.25, 0.5, 0.75, 1];
  for (const name of ['turned-6.jpg', 'turned-7.tif', 'turned-8.webp', 'turned-5.avif']) {
    const bytes = readFileSync(new URL(name, folder));
    for (const asReference of [false, true]) {
      const whole = await decodePicture({ bytes }, { asReference });
      const file = { name, kind: 'picture' as const, bytes };
      const options = { budget: { maxTiles: 1, tileSize: 8 }, asReference };
      const { picture, place } = await decodePart(file, { region }, options);
      assert.ok(place.kind === 'region');
      assert.deepEqual(boxOfSize(place.parent), boxOfSize(whole), `${name}, as reference: ${asReference}`);
      const [x1, y1] = place.crop;
      const first = (y1 * whole.width + x1) * 3;
      assert.deepEqual(picture.pixels.slice(0, 9), whole.pixels.slice(first, first + 9));
    }
  }
});

test('a box in a PDF’s own points is where the page is drawn, turned, cropped and stretched', async () => {
  const marked: Box = [130, 220, 170, 290];
  const content = '0 g 130 220 40 70 re f';
  for (const rotationDegrees of [0, 90, 180, 270] as const) {
    const entries = `/CropBox [100 200 300 320] /Rotate ${rotationDegrees}`;
    const pdf = await openPdf(makePdf([{ content, mediaBox: [0, 0, 500, 600], entries }]));
    const { widthPoints, heightPoints } = pdf.pages[0]!;
    const drawn = await pdf.renderPage(1, { width: 900, height: 700 });
    await pdf.close();
    const place = placeOfPage(drawn, {
      page: 1,
      widthPoints,
      heightPoints,
      rotationDegrees,
      cropOrigin: [100, 200],
    });
    const expected = findDark(drawn);
    const name = `turned by ${rotationDegrees}`;
    assertNear(convertBox(place, marked, { from: 'pagePoints', to: 'pixels' }), expected, 1, name);
    const pointOnDrawing = Math.max(place.widthPoints / place.width, place.heightPoints / place.height);
    const back = convertBox(place, expected, { from: 'pixels', to: 'pagePoints' });
    assertNear(back, marked, pointOnDrawing, name);
  }
});

test('the tiles of a box are those that makeTiles paints it on, at the same pixels, for every grid', () => {
  const tileSize = 8;
  const grids = listTargetRatios(1, 12);
  assert.equal(grids.length, 35);
  for (const { columns, rows } of grids) {
    const size = { width: columns * tileSize, height: rows * tileSize };
    const marked: Box = [size.width / 2 - 3, size.height / 2 - 2, size.width - 1, size.height / 2 + 3];
    const picture = paintBoxes(size, [marked]);
    const options = { minTiles: columns * rows, maxTiles: columns * rows, tileSize, useThumbnail: false };
    const tiles = makeTiles(picture, options);
    assert.deepEqual([tiles.columns, tiles.rows], [columns, rows]);
    const painted = Array.from({ length: tiles.tileCount }, (_, tile) => ({
      tile,
      box: findDark(pictureOfTile(tiles, tile)),
    })).filter(({ box }) => box[2] > box[0]);
    const place = placeOfFile({ stored: size });
    const found = listTilesOfBox(place, marked, { from: 'pixels', tiles });
    const rounded = found.map(({ tile, box }) => ({ tile, box: box.map(Math.round) }));
    assert.deepEqual(rounded, painted, `${columns}×${rows}`);
    const parts = found.map(({ tile, box }) =>
      convertBox(place, box, { from: { tile, tiles }, to: 'pixels' }),
    );
    assertNear(boxAroundAll(parts), marked, 1e-9, 'the parts make up the box again');
  }
});

test('the thumbnail comes last and shows the box within a pixel', () => {
  const size = { width: 90, height: 60 };
  const marked: Box = [30, 20, 60, 50];
  const tiles = makeTiles(paintBoxes(size, [marked]), {
    minTiles: 1,
    maxTiles: 6,
    tileSize: 30,
    useThumbnail: true,
  });
  assert.equal(tiles.tileCount, 7);
  const found = listTilesOfBox(placeOfFile({ stored: size }), marked, { from: 'pixels', tiles });
  assert.deepEqual(
    found.map(({ tile }) => tile),
    [1, 4, 6],
    'a box that ends where a tile begins is not in that tile',
  );
  assertNear(found.at(-1)!.box, findDark(pictureOfTile(tiles, 6)), 1);
});

/** White, with black boxes. */
function paintBoxes({ width, height }: Size, boxes: Box[]): RgbPicture {
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (const [x1, y1, x2, y2] of boxes) {
    for (let y = y1; y < y2; y++) pixels.fill(0, (y * width + x1) * 3, (y * width + x2) * 3);
  }
  return { width, height, pixels };
}

function pictureOfTile(
  { tileSize, pixels }: { tileSize: number; pixels: Uint8Array },
  tile: number,
): RgbPicture {
  const sizeBytes = tileSize * tileSize * 3;
  const cut = pixels.subarray(tile * sizeBytes, (tile + 1) * sizeBytes);
  return { width: tileSize, height: tileSize, pixels: cut };
}

function boxAroundAll(boxes: Box[]): Box {
  return [
    Math.min(...boxes.map(([x1]) => x1)),
    Math.min(...boxes.map(([, y1]) => y1)),
    Math.max(...boxes.map(([, , x2]) => x2)),
    Math.max(...boxes.map(([, , , y2]) => y2)),
  ];
}
