/** The viewer's geometry and words. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Attachment } from '../../preload/contract/attachments.ts';
import { formatTime, pictureAddress } from '../../renderer/features/viewer/place-words.ts';
import { boxBetween, editBox, isRegion } from '../../renderer/features/viewer/region-edit.ts';
import {
  fitTransform,
  fromLook,
  panBy,
  toLook,
  toShare,
  visibleBox,
  zoomAt,
} from '../../renderer/features/viewer/view-transform.ts';

const viewport = { width: 800, height: 600 };
const page = { width: 1000, height: 2000 };

function near(a: number, b: number, tolerance = 1e-6): void {
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
}

test('a picture is fitted whole into the middle, and a tiny one is not blown up beyond measure', () => {
  const fit = fitTransform(page, viewport);
  near(fit.scale, (600 - 32) / 2000);
  near(fit.y, 16);
  near(fit.x, (800 - 1000 * fit.scale) / 2);
  assert.equal(fitTransform({ width: 8, height: 8 }, viewport).scale, 4);
});

test('zooming keeps the point under the pointer where it is', () => {
  const fit = fitTransform(page, viewport);
  const at = { x: 420, y: 250 };
  const before = toShare(at, fit, page);
  const after = toShare(at, zoomAt(fit, at, { factor: 6, picture: page, viewport }), page);
  near(after.x, before.x);
  near(after.y, before.y);
});

test('no zooming and panning ever loses the picture or passes the limits (property)', () => {
  const step = fc.record({
    factor: fc.double({ min: 0.05, max: 20, noNaN: true }),
    x: fc.integer({ min: -3000, max: 3000 }),
    y: fc.integer({ min: -3000, max: 3000 }),
  });
  const size = fc.record({
    width: fc.integer({ min: 1, max: 9000 }),
    height: fc.integer({ min: 1, max: 9000 }),
  });
  fc.assert(
    fc.property(size, fc.array(step, { maxLength: 12 }), (picture, steps) => {
      const fit = fitTransform(picture, viewport);
      let view = fit;
      for (const { factor, x, y } of steps) {
        view = zoomAt(view, { x: Math.abs(x) % 800, y: Math.abs(y) % 600 }, { factor, picture, viewport });
        view = panBy(view, { x, y }, { picture, viewport });
      }
      assert.ok(
        view.scale >= Math.min(fit.scale, 1) - 1e-9 && view.scale <= Math.max(8, fit.scale * 8) + 1e-9,
      );
      const seen = visibleBox(view, picture, viewport);
      assert.ok(seen.width > 0 && seen.height > 0, 'some of the picture is in sight');
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('a look survives a change of the window and fits another picture', () => {
  const view = zoomAt(
    fitTransform(page, viewport),
    { x: 400, y: 300 },
    { factor: 5, picture: page, viewport },
  );
  const look = toLook(view, page, viewport);
  const same = fromLook(look, page, viewport);
  near(same.scale, view.scale);
  near(same.x, view.x, 1e-3);
  const twice = { width: 2000, height: 4000 };
  near(fromLook(look, twice, viewport).scale, view.scale / 2);
  assert.deepEqual(fromLook(null, page, viewport), fitTransform(page, viewport));
});

test('a box is drawn from any corner to the opposite one, and a slip is no region', () => {
  const box = boxBetween({ x: 0.8, y: 0.6 }, { x: 0.2, y: 0.9 });
  near(box.x, 0.2);
  near(box.width, 0.6);
  near(box.height, 0.3);
  assert.equal(isRegion(box), true);
  assert.equal(isRegion(boxBetween({ x: 0.5, y: 0.5 }, { x: 0.503, y: 0.9 })), false);
});

test('keys move and resize a box and never push it off the picture (property)', () => {
  const key = fc.constantFrom('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown');
  const press = fc.record({ key, resize: fc.boolean(), fine: fc.boolean() });
  fc.assert(
    fc.property(fc.array(press, { maxLength: 80 }), (presses) => {
      let box = { x: 0.3, y: 0.3, width: 0.4, height: 0.4 };
      for (const { key, ...how } of presses) box = editBox(box, key, how)!;
      assert.ok(box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0);
      assert.ok(box.x + box.width <= 1 + 1e-9 && box.y + box.height <= 1 + 1e-9);
    }),
    { seed: 7, numRuns: 300 },
  );
  assert.equal(editBox({ x: 0, y: 0, width: 1, height: 1 }, 'a', { resize: false, fine: false }), null);
});

test('times read as clocks do', () => {
  assert.deepEqual([0, 4500, 65_000, 3_723_000, 59_999].map(formatTime), [
    '0:00',
    '0:04.5',
    '1:05',
    '1:02:03',
    '1:00',
  ]);
});

test('browsers get the file itself where they can show it, and a drawn picture elsewhere', () => {
  const attachment: Attachment = {
    id: 'a'.repeat(64) as Attachment['id'],
    kind: 'picture',
    mediaType: 'image/png',
    sizeBytes: 1,
    widthPx: 1,
    heightPx: 1,
    pageCount: null,
    durationMs: null,
    hasThumbnail: false,
  };
  const nowhere = { page: null, timeMs: null };
  assert.equal(pictureAddress(attachment, nowhere, 2048), `/attachment/${attachment.id}`);
  const heic = { ...attachment, mediaType: 'image/heic' };
  assert.equal(pictureAddress(heic, nowhere, 2048), `/view/${attachment.id}?maxSide=2048`);
  const document: Attachment = { ...attachment, kind: 'document', mediaType: 'application/pdf' };
  assert.equal(
    pictureAddress(document, { page: 3, timeMs: null }, 2048),
    `/view/${attachment.id}?page=3&maxSide=2048`,
  );
});
