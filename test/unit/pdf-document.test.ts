/** PDFs as they are made: sizes, pixels, text with its place, passwords, and the life of an open document. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { PageText } from '../../native-models/media/pdf/pdf-page-text.ts';
import { type OpenPdfOptions, openPdf, type PdfDocument } from '../../native-models/media/pdf-document.ts';
import type { RgbPicture } from '../../native-models/media/rgb-picture.ts';
import { writeEncryptedPdf } from '../support/encrypt-pdf.ts';
import { makePdf, pageObjects, showText } from '../support/make-pdf.ts';

async function open(t: TestContext, bytes: Uint8Array, options?: OpenPdfOptions): Promise<PdfDocument> {
  const pdf = await openPdf(bytes, options);
  t.after(() => pdf.close());
  return pdf;
}

const rejects = (work: Promise<unknown>, code: string, sentence: RegExp) =>
  assert.rejects(work, (error: Error & { code: string }) => {
    assert.equal(error.code, code);
    assert.match(error.message, sentence);
    return true;
  });

describe('a page with text', () => {
  const word = 'Ibis';

  for (const turn of [0, 90, 180, 270] as const) {
    it(`stands in the picture where its character boxes say, turned by ${turn}°`, async (t) => {
      const entries = `/Rotate ${turn} /CropBox [20 10 190 100]`;
      const pdf = await open(t, makePdf([{ content: showText(word, 40, 50), entries }]));
      const [widthPoints, heightPoints] = turn % 180 ? [90, 170] : [170, 90];
      const cropOrigin = [20, 10];
      assert.deepEqual(pdf.pages, [{ widthPoints, heightPoints, rotationDegrees: turn, cropOrigin }]);

      const picture = await pdf.renderPage(1, { width: widthPoints * 4, height: heightPoints * 4 });
      const text = await pdf.pageText(1);
      assert.equal(text.text, word);
      assert.equal(text.hasTextLayer, true);
      assert.equal(text.truncated, false);
      const inks = [...word].map((_, index) => countInk(picture, boxOf(text, index), 4));
      for (const ink of inks) assert.ok(ink > 100, `every letter is inside its box: ${inks}`);
      const inBoxes = inks.reduce((sum, ink) => sum + ink, 0);
      const everywhere = countInk(picture, [0, 0, widthPoints, heightPoints], 4);
      assert.ok(Math.abs(inBoxes - everywhere) <= 0.02 * everywhere, `${inBoxes} of ${everywhere} in boxes`);
    });
  }

  it('has a box for every UTF-16 unit and an empty one at line ends', async (t) => {
    const content = `${showText('one', 20, 70)} ${showText('two', 20, 20)}`;
    const text = await (await open(t, makePdf([{ content }]))).pageText(1);
    assert.equal(text.text, 'one\ntwo');
    assert.equal(text.characterBoxes.length, 4 * text.text.length);
    assert.deepEqual(boxOf(text, 3), [0, 0, 0, 0]);
    assert.ok(boxOf(text, 0)[3] < boxOf(text, 4)[1], 'the first line lies above the second');
  });

  it('tells when text was left out', async (t) => {
    const pdf = await open(t, makePdf([{ content: showText('abcdef', 20, 50) }]), {
      limits: { characters: 3 },
    });
    const { text, truncated } = await pdf.pageText(1);
    assert.deepEqual({ text, truncated }, { text: 'abc', truncated: true });
  });

  it('tells when there is none, as on a scan', async (t) => {
    const text = await (await open(t, makePdf([{ content: '0 g 20 20 50 50 re f' }]))).pageText(1);
    assert.deepEqual(
      { ...text, characterBoxes: text.characterBoxes.length },
      {
        text: '',
        characterBoxes: 0,
        hasTextLayer: false,
        truncated: false,
      },
    );
  });
});

describe('a drawn page', () => {
  it('is white where nothing is, and has its colours as red, green, blue', async (t) => {
    const pdf = await open(t, makePdf([{ content: '1 0.5 0 rg 0 0 100 100 re f' }]));
    const picture = await pdf.renderPage(1);
    assert.deepEqual([picture.width, picture.height], [200, 100]);
    assert.deepEqual(
      [...picture.pixels.subarray(0, 3)].map((value) => Math.round(value / 4) * 4),
      [256, 128, 0],
    );
    assert.deepEqual([...picture.pixels.subarray(-3)], [255, 255, 255]);
  });

  it('shows filled-in form fields and stamps, whose looks lie in the file', async (t) => {
    const look = {
      entries: '/Type /XObject /Subtype /Form /BBox [0 0 100 50]',
      stream: '0 g 0 0 100 50 re f',
    };
    const pdf = await open(
      t,
      makePdf([{ content: '', entries: '/Annots [7 0 R]' }], {
        catalogEntries: '/AcroForm << /Fields [7 0 R] >>',
        objects: [
          look,
          '<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (b) /F 4 /Rect [0 0 100 50] /AP << /N 6 0 R >> >>',
        ],
      }),
    );
    const ink = countInk(await pdf.renderPage(1), [0, 50, 100, 100], 1);
    assert.ok(ink > 4900, `${ink} of 5000 points`);
  });

  it('is drawn anew for a region, and equals that part of the whole', async (t) => {
    for (const turn of [0, 90]) {
      const page = {
        content: showText('Region', 40, 50),
        mediaBox: [0, 0, 160, 160],
        entries: `/Rotate ${turn}`,
      };
      const pdf = await open(t, makePdf([page]));
      const whole = await pdf.renderPage(1, { width: 640, height: 640 });
      const region = { left: 30, top: 40, right: 110, bottom: 120 };
      const part = await pdf.renderPage(1, { width: 320, height: 320 }, region);
      let ink = 0;
      let different = 0;
      for (let y = 0; y < 320; y++) {
        for (let x = 0; x < 320; x++) {
          const [inPart, inWhole] = [
            part.pixels[(y * 320 + x) * 3]!,
            whole.pixels[((y + 160) * 640 + x + 120) * 3]!,
          ];
          if (inPart < 128) ink++;
          if (Math.abs(inPart - inWhole) > 64) different++;
        }
      }
      assert.ok(
        ink > 1000 && different < ink / 50,
        `${different} of ${ink} points differ, turned by ${turn}°`,
      );
    }
  });

  it('has no regions beside it, or next to none', async (t) => {
    const pdf = await open(t, makePdf([{ content: '' }]));
    const box = { left: 0, top: 0, right: 200, bottom: 100 };
    for (const change of [
      { left: -1 },
      { right: 201 },
      { left: 199.9 },
      { bottom: 0 },
      { top: Number.NaN },
    ]) {
      await rejects(
        pdf.renderPage(1, { maxPixels: 100 }, { ...box, ...change }),
        'invalid_request',
        /region/,
      );
    }
    assert.equal((await pdf.renderPage(1, undefined, { ...box, left: 150 })).width, 50);
  });

  it('is given in exact pixels, by a bound, or for a tile grid', async (t) => {
    const pdf = await open(t, makePdf([{ content: '' }]));
    const sizeOf = async (wish: Parameters<PdfDocument['renderPage']>[1]) => {
      const { width, height, pixels } = await pdf.renderPage(1, wish);
      assert.equal(pixels.length, width * height * 3);
      return [width, height];
    };
    assert.deepEqual(await sizeOf({ width: 31, height: 17 }), [31, 17]);
    assert.deepEqual(await sizeOf({ maxPixels: 5000 }), [100, 50]);
    assert.deepEqual(await sizeOf({ maxTiles: 12, tileSize: 448 }), [4 * 448, 2 * 448]);
  });
});

describe('a protected PDF', () => {
  const objects = pageObjects([{ content: showText('secret', 20, 50) }]);
  const bytes = writeEncryptedPdf(objects, { user: 'open sesame', owner: 'Ali' });

  it('asks for its password', () => rejects(openPdf(bytes), 'password_needed', /Give its password/));

  it('says that a password is wrong', () =>
    rejects(openPdf(bytes, { password: 'sesame' }), 'password_needed', /password doesn't open/));

  for (const password of ['open sesame', 'Ali']) {
    it(`opens with “${password}”`, async (t) => {
      const pdf = await open(t, bytes, { password });
      assert.equal((await pdf.pageText(1)).text, 'secret');
    });
  }
});

describe('an open PDF', () => {
  const three = makePdf(['one', 'two', 'three'].map((word) => ({ content: showText(word, 20, 50) })));

  it('answers questions in any order, many at once', async (t) => {
    const pdf = await open(t, three);
    const texts = await Promise.all([3, 1, 2].map((page) => pdf.pageText(page)));
    assert.deepEqual(
      texts.map(({ text }) => text),
      ['three', 'one', 'two'],
    );
  });

  it('says which pages it has, and which can be read', async (t) => {
    const pdf = await open(t, three, { limits: { pages: 2 } });
    assert.deepEqual([pdf.pageCount, pdf.pages.length], [3, 2]);
    await rejects(pdf.pageText(3), 'media_too_large', /first 2 pages/);
    for (const page of [0, 4, -1, 1.5, Number.NaN])
      await rejects(pdf.renderPage(page), 'not_found', /1 to 3/);
  });

  it('draws no page larger than the limit', async (t) => {
    const pdf = await open(t, three, { limits: { pixels: 1_000_000 } });
    await rejects(pdf.renderPage(1, { width: 1001, height: 1000 }), 'media_too_large', /1 megapixels/);
    await pdf.renderPage(1, { width: 1000, height: 1000 });
  });

  it('ends open questions when it is closed, and answers none afterwards', async () => {
    const pdf = await openPdf(three);
    const asked = [pdf.renderPage(1, { width: 4000, height: 4000 }), pdf.pageText(2)];
    const ended = asked.map((question) => rejects(question, 'invalid_request', /closed/));
    await pdf.close();
    await Promise.all(ended);
    await rejects(pdf.pageText(1), 'invalid_request', /closed/);
    await pdf.close();
  });

  it('leaves the given bytes as they are', async (t) => {
    const bytes = Uint8Array.from(three);
    await (await open(t, bytes)).pageText(1);
    assert.deepEqual(bytes, Uint8Array.from(three));
  });
});

function boxOf({ characterBoxes }: PageText, index: number): [number, number, number, number] {
  return [...characterBoxes.subarray(index * 4, index * 4 + 4)] as [number, number, number, number];
}

/** Pixels darker than half within a box given in points. */
function countInk({ width, pixels }: RgbPicture, box: readonly number[], pixelsPerPoint: number): number {
  const [left, top, right, bottom] = box.map((points) => Math.round(points * pixelsPerPoint)) as [
    number,
    number,
    number,
    number,
  ];
  let ink = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) if (pixels[(y * width + x) * 3]! < 128) ink++;
  }
  return ink;
}
