/** A file's kind is told by its content: names lie, texts begin like pictures, and one file may look like two. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { type MediaKind, sniffMediaKind } from '../../native-models/media/media-kind.ts';
import {
  decodePart,
  inspectFile,
  readAttachment,
  readPartText,
} from '../../native-models/media/open-part.ts';
import { makeBmp } from '../support/make-bmp.ts';
import { makePdf, showText } from '../support/make-pdf.ts';
import { makeDocx, makeZip } from '../support/make-zip.ts';
import { readAnyFile } from '../support/read-any-file.ts';
import { listSampleFormats } from '../support/sample-formats.ts';

const budget = { maxTiles: 1, tileSize: 56 };
const golden = (file: string) => readFileSync(new URL(`../golden/media/pictures/${file}`, import.meta.url));
const pdf = makePdf([{ content: showText('page', 20, 50) }]);
const docx = makeDocx('<w:p><w:r><w:t>word</w:t></w:r></w:p>');

it('a file of no bytes is refused, whatever its name', async () => {
  for (const name of ['report.pdf', 'photo.png', 'notes.txt'])
    await assert.rejects(async () => inspectFile(await readAttachment({ bytes: new Uint8Array(0), name })), {
      code: 'media_broken',
      message: 'The file is empty.',
    });
});

describe('a file whose name lies', () => {
  const kinds: Record<string, MediaKind> = {
    pdf: 'pdf',
    docx: 'document',
    xlsx: 'document',
    pptx: 'document',
  };
  for (const { name, samples } of listSampleFormats()) {
    if (name === 'csv' || name === 'txt') continue; // plain text has nothing but its name to tell it apart
    it(`is read as the ${name} it is`, async () => {
      const { bytes } = samples[0]!;
      for (const lie of [
        'holiday.jpg',
        'report.pdf',
        'film.mp4',
        'notes.txt',
        'program.exe',
        'noending',
        '',
      ]) {
        const file = await readAttachment({ bytes, name: lie });
        const kind = kinds[name] ?? 'picture';
        assert.equal(file.kind, kind);
        const found = await inspectFile(file);
        if (found.kind === 'document') assert.equal(found.format, name);
        else assert.ok((await decodePart(file, {}, { budget })).picture.pixels.length > 0);
      }
    });
  }
});

describe('a text that begins like something else', () => {
  const texts = {
    BMP: 'BM25 ranks documents by the words they share with a question.',
    'a film': 'Get free coffee, and skip the queue.',
    'a film of another brand': 'the ftyp box names the brand',
    'a PDF': 'const header = "%PDF-1.7"; // ISO 32000-1, 7.5.2',
    GIF: 'GIF87 was the first version.',
    TIFF: 'II* is how little-endian TIFF files begin.',
    PNG: 'PNG is a picture format.',
    WebP: 'RIFF size WEBP is how they begin',
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`as ${name} does is a text`, async () => {
      const file = await readAttachment({ bytes: Buffer.from(text), name: 'notes.txt' });
      assert.equal(file.kind, 'document');
      assert.deepEqual(await readPartText(file), { text, kind: 'text', note: 'text only', truncated: false });
    });
  }

  it('is told from the real ones (control)', () => {
    const bmp = makeBmp({ width: 1, height: 1, bits: 24, stored: new Uint8Array(4) });
    assert.equal(sniffMediaKind(bmp), 'picture');
    assert.equal(sniffMediaKind(Buffer.from('\0\0\0\x18ftypisom')), 'film');
    assert.equal(sniffMediaKind(Buffer.from('\0\x10\0\0mdat')), 'film');
    assert.equal(sniffMediaKind(Buffer.from('HTTP/1.1 200\r\n\r\n%PDF-1.7')), 'pdf');
    assert.equal(sniffMediaKind(Buffer.from('\ufeff%PDF-1.7')), 'pdf');
  });
});

/** Each is a sound file of the first kind; a second reader would find the other. */
const polyglots: Record<string, { bytes: Uint8Array; kind: MediaKind; like: Uint8Array }> = {
  'a PNG and a ZIP': {
    bytes: Buffer.concat([golden('rgb.png'), docx]),
    kind: 'picture',
    like: golden('rgb.png'),
  },
  'a JPEG and a PDF': {
    bytes: withJpegComment(golden('rgb-40.jpg'), pdf),
    kind: 'picture',
    like: golden('rgb-40.jpg'),
  },
  'a GIF and a script': {
    bytes: Buffer.concat([golden('palette.gif'), Buffer.from('/*"=alert(1);//<script>alert(1)</script>')]),
    kind: 'picture',
    like: golden('palette.gif'),
  },
  'a GIF and a PDF': {
    bytes: withGifComment(golden('palette.gif'), pdf),
    kind: 'picture',
    like: golden('palette.gif'),
  },
  'a BMP and a web page': {
    bytes: Buffer.concat([golden('rgb.bmp'), Buffer.from('<svg onload="alert(1)"/>')]),
    kind: 'picture',
    like: golden('rgb.bmp'),
  },
};

describe('a file that is two at once', () => {
  for (const [name, { bytes, kind, like }] of Object.entries(polyglots)) {
    it(`${name}, is one kind only, and nothing of the other is read`, async () => {
      assert.equal(sniffMediaKind(bytes), kind);
      assert.deepEqual(await decodePicture({ bytes }), await decodePicture({ bytes: like }));
    });
  }

  it('a PDF and a ZIP, is the PDF', async () => {
    const file = await readAttachment({ bytes: Buffer.concat([pdf, docx]), name: 'both.docx' });
    assert.equal(file.kind, 'pdf');
    assert.equal((await readPartText(file)).text, 'page');
  });

  it('a ZIP and a PDF behind it, is an archive with foreign bytes, and refused or read as text alone', async () => {
    const stored = makeZip([{ name: 'page.pdf', content: pdf, stored: true }]);
    assert.equal(await readAnyFile({ name: 'both.pdf', bytes: stored }), 'media_unsupported');
  });
});

describe('what can run or fetch', () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:9/"/><script>1</script></svg>';
  const files = {
    'an SVG': Buffer.from(svg),
    'an SVG with a document type': Buffer.from(
      `<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>${svg}`,
    ),
    'a web page': Buffer.from(`<!doctype html><html>${svg}</html>`),
    'a script for PostScript': Buffer.from('%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file'),
    'a Magick script': Buffer.from('push graphic-context\nimage over 0,0 0,0 "https://127.0.0.1/x.jpg|ls"'),
  };
  for (const [name, bytes] of Object.entries(files)) {
    it(`${name}, is shown by no picture reader: it is source code to be read`, async () => {
      await assert.rejects(decodePicture({ bytes }), { code: 'media_unsupported' });
      const file = await readAttachment({ bytes, name: 'drawing.svg' });
      assert.equal(file.kind, 'document');
      await assert.rejects(decodePart(file, {}, { budget }), { code: 'media_unsupported' });
      assert.equal((await readPartText(file)).text, bytes.toString());
    });
  }

  it('packed SVG, icons, Photoshop, JPEG 2000 and programs are refused', async () => {
    const heads = [
      Buffer.concat([Buffer.from('\x1f\x8b\x08\0', 'latin1'), deflateRawSync(svg)]),
      Buffer.from('\0\0\x01\0\x01\0\x10\x10\0\0', 'latin1'),
      Buffer.from('8BPS\0\x01\0\0', 'latin1'),
      Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'),
      Buffer.from('MZ\x90\0\x03\0', 'latin1'),
      Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'),
    ];
    for (const bytes of heads) {
      assert.equal(
        await readAnyFile({ name: 'photo.png', bytes }),
        'media_unsupported',
        bytes.toString('hex'),
      );
    }
  });
});

function withJpegComment(jpeg: Uint8Array, comment: Uint8Array): Buffer {
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(comment.length + 2, 4);
  return Buffer.concat([head, comment, jpeg.subarray(2)]);
}

/** Behind the colour table, in blocks of at most 255 bytes. */
function withGifComment(gif: Uint8Array, comment: Uint8Array): Buffer {
  const at = 13 + 3 * 2 ** ((gif[10]! & 7) + 1);
  const blocks: Uint8Array[] = [];
  for (let from = 0; from < comment.length; from += 255) {
    const part = comment.subarray(from, from + 255);
    blocks.push(Uint8Array.of(part.length), part);
  }
  const extension = Buffer.concat([Uint8Array.of(0x21, 0xfe), ...blocks, Uint8Array.of(0)]);
  return Buffer.concat([gif.subarray(0, at), extension, gif.subarray(at)]);
}
