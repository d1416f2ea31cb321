/** Boxes in a PDF's own points and boxes of its text layer, on pages that show a part of what the file draws. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Box } from '../../native-models/media/box.ts';
import { convertBox } from '../../native-models/media/geometry.ts';
import { decodePart, type MediaFile, readPartText } from '../../native-models/media/open-part.ts';
import type { PageText } from '../../native-models/media/pdf/pdf-page-text.ts';
import type { PicturePlace } from '../../native-models/media/picture-place.ts';
import { originOf } from '../../native-models/media/region.ts';
import { findDark } from '../support/find-dark.ts';
import { makePdf, writePdf } from '../support/make-pdf.ts';
import { assertNear } from '../support/picture-places.ts';

const budget = { maxTiles: 12, tileSize: 112 };
const marked: Box = [130, 220, 170, 290];
const content = '0 g 130 220 40 70 re f BT /F1 30 Tf 140 240 Td (H) Tj ET';

/** The same marked box on pages whose boxes leave out more and more, or lie. */
const boxes: Record<string, { mediaBox: readonly number[]; cropBox?: readonly number[] }> = {
  'no crop': { mediaBox: [0, 0, 500, 600] },
  'a crop': { mediaBox: [0, 0, 500, 600], cropBox: [100, 200, 300, 320] },
  'an origin elsewhere': { mediaBox: [100, 150, 400, 350] },
  'an origin below zero': { mediaBox: [-70, -50, 400, 350] },
  'an origin elsewhere, and a crop': { mediaBox: [50, 60, 400, 350], cropBox: [110, 205, 260, 300] },
  'a crop beyond the page': { mediaBox: [100, 150, 400, 350], cropBox: [-900, 180, 300, 9000] },
  'corners in another order': { mediaBox: [500, 600, 0, 0], cropBox: [300, 320, 100, 200] },
  'a crop of no size': { mediaBox: [100, 150, 400, 350], cropBox: [0, 0, 0, 0] },
};

for (const [name, { mediaBox, cropBox }] of Object.entries(boxes)) {
  test(`a page with ${name} is drawn where its points say, however it is turned`, async () => {
    for (const turn of [0, 90, 180, 270]) {
      const entries = `/Rotate ${turn} ${cropBox ? `/CropBox [${cropBox.join(' ')}]` : ''}`;
      const file = pdfFile(makePdf([{ content, mediaBox, entries }]));
      const { picture, place } = await decodePart(file, {}, { budget });
      const expected = findDark(picture);
      const found = convertBox(place, marked, { from: 'pagePoints', to: 'pixels' });
      assertNear(found, expected, 1.5, `${name}, turned by ${turn}`);

      const letter = boxOfLetter((await readPartText(file)) as PageText);
      const inFile = convertBox(place, letter, { from: 'shownPoints', to: 'pagePoints' });
      assert.ok(isInside(inFile, marked), `the letter is on the box: ${inFile}, turned by ${turn}`);

      const misplaced = withoutOrigin(place);
      const isElsewhere = place.kind === 'page' && place.cropOrigin!.some((offset) => offset !== 0);
      const mistaken = convertBox(misplaced, marked, { from: 'pagePoints', to: 'pixels' });
      const moved = mistaken.some((edge, index) => Math.abs(edge - found[index]!) > 5);
      assert.equal(moved, isElsewhere, 'without the origin it would be elsewhere (negative control)');
    }
  });
}

test('boxes that pages inherit from their tree count', async () => {
  const inherited = writePdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [4 0 R] /Count 1 /MediaBox [0 0 500 600] /CropBox [100 200 300 320] /Rotate 90 >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    '<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>',
    { entries: '', stream: content },
  ]);
  const { picture, place } = await decodePart(pdfFile(inherited), {}, { budget });
  assert.ok(place.kind === 'page');
  assert.deepEqual(place.cropOrigin, [100, 200]);
  assertNear(convertBox(place, marked, { from: 'pagePoints', to: 'pixels' }), findDark(picture), 1.5);
});

test('a region of a cropped page knows its place in the file’s points', async () => {
  const entries = '/CropBox [100 200 300 320] /Rotate 270';
  const file = pdfFile(makePdf([{ content, mediaBox: [0, 0, 500, 600], entries }]));
  const region: Box = [0.1, 0.4, 0.9, 1];
  const { picture, place } = await decodePart(file, { region }, { budget });
  assertNear(convertBox(place, marked, { from: 'pagePoints', to: 'pixels' }), findDark(picture), 2);
  // Turned by 270°, what runs across the page is the file's y, and what runs down is its x from the right.
  const { sourceBox } = originOf(place);
  assertNear(sourceBox, [100, 212, 220, 308], 1);
});

function pdfFile(bytes: Uint8Array): MediaFile {
  return { name: 'page.pdf', kind: 'pdf', bytes };
}

function boxOfLetter({ text, characterBoxes }: PageText): Box {
  const at = text.indexOf('H') * 4;
  return [...characterBoxes.subarray(at, at + 4)] as unknown as Box;
}

function isInside([x1, y1, x2, y2]: Box, [left, bottom, right, top]: Box): boolean {
  return x1 >= left && y1 >= bottom && x2 <= right && y2 <= top;
}

function withoutOrigin(place: PicturePlace): PicturePlace {
  return place.kind === 'page' ? { ...place, cropOrigin: [0, 0] } : place;
}
