/** Boxes between model, tiles, pictures, files, pages and screen: there and back again, and what is refused. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Box } from '../../native-models/media/box.ts';
import { convertBox, convertPoint, listTilesOfBox, type View } from '../../native-models/media/geometry.ts';
import {
  type PicturePlace,
  placeOfFile,
  placeOfFrame,
  placeOfPage,
} from '../../native-models/media/picture-place.ts';
import { cutRegion } from '../../native-models/media/region.ts';
import { listTargetRatios } from '../../native-models/media/target-ratios.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { anyCrop, anyPlace, anyView, assertNear, boxShare, listSpaces } from '../support/picture-places.ts';

test('a box on any crop comes back from every space to the same place, ordered on the way', () => {
  checkReturn(anyCrop, { tolerancePixels: 1e-6 });
});

test('a box on a region drawn anew comes back within a pixel, even after magnifying a million times', () => {
  checkReturn(anyPlace, { tolerancePixels: 1 });
});

function checkReturn(places: fc.Arbitrary<PicturePlace>, { tolerancePixels }: { tolerancePixels: number }) {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(places, boxShare, anyView, (place, shares, view) => {
      const box = convertBox(place, shares, { from: 'fractions', to: 'pixels' });
      const point = [box[0], box[1]] as const;
      for (const space of listSpaces(place, view)) {
        kinds.add(typeof space === 'string' ? space : Object.keys(space)[0]!);
        const there = convertBox(place, box, { from: 'pixels', to: space });
        assert.ok(there[0] <= there[2] && there[1] <= there[3], 'ordered');
        assertNear(convertBox(place, there, { from: space, to: 'pixels' }), box, tolerancePixels);
        const pointThere = convertPoint(place, point, { from: 'pixels', to: space });
        const pointBack = convertPoint(place, pointThere, { from: space, to: 'pixels' });
        assertNear(pointBack, point, tolerancePixels);
      }
    }),
    { seed: 4, numRuns: 400 },
  );
  assert.equal(kinds.size, 10, 'every kind of space was met');
}

test('a box comes back from every tile of every grid, and from the thumbnail', () => {
  const photo = placeOfFile({ stored: { width: 4032, height: 3024 }, orientation: 8 });
  const box: Box = [137, 0, 1999.5, 4032];
  for (const grid of listTargetRatios(1, 12)) {
    const tiles = { ...grid, thumbnail: true, tileSize: 448 };
    for (let tile = 0; tile <= grid.columns * grid.rows; tile++) {
      const there = convertBox(photo, box, { from: 'pixels', to: { tile, tiles } });
      assertNear(convertBox(photo, there, { from: { tile, tiles }, to: 'pixels' }), box, 1e-6);
    }
    const parts = listTilesOfBox(photo, box, { from: 'pixels', tiles });
    for (const { tile, box: part } of parts) {
      const [x1, y1, x2, y2] = convertBox(photo, part, { from: { tile, tiles }, to: 'pixels' });
      assert.ok(part.every((edge) => 0 <= edge && edge <= 448));
      assert.ok(x1 > 136.99 && x2 < 1999.51 && x2 - x1 > 0.01 && y2 - y1 > 0.01, 'a part of the box');
    }
  }
});

test('a box as large as a tile lies in that tile and the thumbnail, in no neighbour', () => {
  const photo = placeOfFile({ stored: { width: 4031, height: 3023 } });
  for (const grid of listTargetRatios(1, 12)) {
    const tiles = { ...grid, thumbnail: true, tileSize: 448 };
    const gridTiles = grid.columns * grid.rows;
    for (let tile = 0; tile < gridTiles; tile++) {
      const box = convertBox(photo, [0, 0, 448, 448], { from: { tile, tiles }, to: 'pixels' });
      const found = listTilesOfBox(photo, box, { from: 'pixels', tiles }).map((part) => part.tile);
      assert.deepEqual(found, [tile, gridTiles]);
    }
  }
});

test('the model’s whole numbers survive the way through any space', () => {
  const whole = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(anyPlace, fc.tuple(whole, whole, whole, whole), anyView, (place, [a, b, c, d], view) => {
      const box: Box = [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
      for (const space of listSpaces(place, view)) {
        const there = convertBox(place, box, { from: 'model', to: space });
        assert.deepEqual(convertBox(place, there, { from: space, to: 'model' }).map(Math.round), box);
      }
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('a box that leaves the picture or stands on its head is clipped and ordered', () => {
  const anywhere = fc.integer({ min: -9000, max: 9000 });
  fc.assert(
    fc.property(anyPlace, fc.tuple(anywhere, anywhere, anywhere, anywhere), (place, box) => {
      for (const from of ['model', 'pixels', 'whole'] as const) {
        const [x1, y1, x2, y2] = convertBox(place, box, { from, to: 'model' });
        assert.ok(0 <= x1 && x1 <= x2 && x2 <= 1000 && 0 <= y1 && y1 <= y2 && y2 <= 1000);
      }
    }),
    { seed: 6, numRuns: 300 },
  );
  const photo = placeOfFile({ stored: { width: 200, height: 100 } });
  const reversed = convertBox(photo, [1200, 500, 900, -40], { from: 'model', to: 'pixels' });
  assertNear(reversed, [180, 0, 200, 50], 1e-9);
});

test('a place on the screen follows zoom and pan', () => {
  const photo = placeOfFile({ stored: { width: 200, height: 100 } });
  const view: View = { left: 10, top: 20, width: 400, height: 200, zoom: 2, panX: -50, panY: 5 };
  const shown = convertBox(photo, [50, 25, 100, 50], { from: 'pixels', to: { view } });
  assertNear(shown, [160, 125, 360, 225], 1e-9);
  assertNear(convertPoint(photo, [160, 125], { from: { view }, to: 'fractions' }), [0.25, 0.25], 1e-9);
});

test('places are plain data that survive a process border and a store', () => {
  fc.assert(
    fc.property(anyPlace, (place) => {
      assert.deepEqual(structuredClone(place), place);
      assert.deepEqual(JSON.parse(JSON.stringify(place)), place);
    }),
    { seed: 9, numRuns: 100 },
  );
});

test('spaces a picture does not have, and numbers that are none, are refused', () => {
  const stored = { width: 20, height: 10 };
  const photo = placeOfFile({ stored });
  const frame = placeOfFrame(stored, 40);
  const tiles = { columns: 2, rows: 1, thumbnail: false, tileSize: 448 };
  const view = { left: 0, top: 0, width: 20, height: 10, zoom: 0, panX: 0, panY: 0 };
  const page = { page: 1, widthPoints: 10, heightPoints: 10, rotationDegrees: 0 } as const;
  const refused: (() => unknown)[] = [
    () => convertBox(photo, [0, 0, 1, 1], { from: 'parent', to: 'model' }),
    () => convertBox(photo, [0, 0, 1, 1], { from: 'pagePoints', to: 'model' }),
    () => convertBox(frame, [0, 0, 1, 1], { from: 'model', to: 'stored' }),
    () => convertBox(photo, [0, 0, 1, 1], { from: 'model', to: { tile: 2, tiles } }),
    () => convertBox(photo, [0, 0, 1, 1], { from: { tile: 0.5, tiles }, to: 'model' }),
    () => convertBox(photo, [0, 0, 1, 1], { from: { view }, to: 'model' }),
    () => convertBox(photo, [0, Number.NaN, 1, 1], { from: 'model', to: 'pixels' }),
    () => convertPoint(photo, [0, Number.POSITIVE_INFINITY], { from: 'model', to: 'pixels' }),
    () => cutRegion(photo, [0, 0, 1, 1], { drawnAt: { width: 0, height: 4 } }),
    () => placeOfFile({ stored: { width: 0, height: 4 } }),
    () => placeOfFile({ stored, page: 0 }),
    () => placeOfFrame(stored, -1),
    () => placeOfPage(stored, { ...page, widthPoints: Number.NaN }),
    () => placeOfPage(stored, { ...page, rotationDegrees: 45 as 90 }),
  ];
  for (const refuse of refused) {
    assert.throws(refuse, (error) => error instanceof AppError && error.code === 'invalid_request');
  }
  assert.equal(
    placeOfFile({ stored, orientation: 9 }).orientation,
    1,
    'decoders ignore what EXIF does not know',
  );
});
