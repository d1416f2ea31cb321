/** docs/media-formats.md says what is true: its samples exist and have what their columns say, its limits are the code's. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import type { Metadata } from 'sharp';
import { readBmpHeader } from '../../native-models/media/bmp-header.ts';
import { pictureLimits } from '../../native-models/media/limits.ts';
import { pdfLimits } from '../../native-models/media/pdf/pdf-limits.ts';
import { requirePictureKind } from '../../native-models/media/picture-file.ts';
import { inspectPicture, type PictureHeader } from '../../native-models/media/picture-header.ts';
import { readPictureHeader } from '../../native-models/media/sharp-input.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/media-formats.md', root), 'utf8');
const pictures = new URL('test/golden/media/pictures/', root);
const photos = new URL('test/support/pictures/', root);

/** The rows of the table below that heading, without its two first lines; cells by their column's name. */
function readTable(heading: string): Record<string, string>[] {
  const lines = page.slice(page.indexOf(`${heading}\n`)).split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'));
  const [head, , ...rows] = lines.slice(first, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return rows.map((row) => Object.fromEntries(row.map((cell, column) => [head![column]!, cell])));
}

/** `turned-1 … turned-8` stands for eight names. */
function namesIn(cell: string): string[] {
  if (cell === '–') return [];
  const run = /^(.+?)1 … \1(\d)$/.exec(cell);
  if (!run) return cell.split(' ');
  return Array.from({ length: Number(run[2]) }, (_, index) => `${run[1]}${index + 1}`);
}

interface Facts {
  header: PictureHeader;
  /** Null for BMP and HEIC, which libvips doesn't read. */
  metadata: Metadata | null;
  bmpBits: number | null;
  name: string;
}

/** What has to be true of every sample in a column; null for what only decoding shows, as other tests do. */
const columns: Record<string, (facts: Facts) => boolean | null> = {
  colour: ({ metadata, bmpBits }) => (metadata ? metadata.channels >= 3 : bmpBits === null || bmpBits >= 24),
  grey: ({ metadata }) => metadata!.channels === 1,
  'black and white': ({ metadata, bmpBits }) => (bmpBits ?? metadata!.bitsPerSample) === 1,
  palette: ({ metadata, bmpBits }) => {
    if (!metadata) return bmpBits! <= 8;
    return metadata.format === 'tiff' ? null : metadata.isPalette; // libvips tells it of PNG and GIF alone
  },
  '16 bits': ({ metadata }) => metadata!.depth === 'ushort',
  transparent: ({ metadata }) => metadata?.hasAlpha ?? null,
  CMYK: ({ metadata }) => metadata!.space === 'cmyk',
  'turned and mirrored': ({ metadata, header, name }) =>
    metadata && metadata.format !== 'heif' ? header.orientation === Number(name.at(-1)) : null,
  profile: ({ metadata }) => metadata?.hasProfile ?? null,
  several: ({ header }) => header.pageCount > 1 || header.isAnimated,
};

async function readFacts(file: string): Promise<Facts> {
  const folder = file.endsWith('.heic') ? photos : pictures;
  const bytes = readFileSync(new URL(file, folder));
  const kind = requirePictureKind(bytes);
  const isForeign = kind === 'bmp' || kind === 'heic';
  return {
    header: await inspectPicture(bytes),
    metadata: isForeign ? null : await readPictureHeader(bytes, 1),
    bmpBits: kind === 'bmp' ? readBmpHeader(bytes).bitsPerPixel : null,
    name: file.slice(0, file.lastIndexOf('.')),
  };
}

test('every sample in the table is what its column says', async () => {
  const rows = readTable('### Samples');
  assert.equal(rows.length, 8);
  for (const { ending, ...cells } of rows) {
    assert.deepEqual(Object.keys(cells), Object.keys(columns));
    for (const [column, cell] of Object.entries(cells)) {
      for (const name of namesIn(cell)) {
        const facts = await readFacts(`${name}.${ending}`);
        assert.notEqual(columns[column]!(facts), false, `${name}.${ending} in the column “${column}”`);
      }
    }
  }
});

test('every sample there is stands in the table', () => {
  const named = readTable('### Samples').flatMap(({ ending, ...cells }) =>
    Object.values(cells)
      .flatMap(namesIn)
      .map((name) => `${name}.${ending}`),
  );
  const found = [...readdirSync(pictures), ...readdirSync(photos).filter((name) => name.endsWith('.heic'))];
  assert.deepEqual(
    found.filter((file) => !named.includes(file)),
    [],
  );
  const endings = readTable('## Pictures').map(({ ending }) => ending);
  assert.deepEqual(
    endings,
    readTable('### Samples').map(({ ending }) => ending),
  );
});

test('the limits are those of the code', () => {
  const limits = {
    'bytes of a file': pictureLimits.fileBytes,
    pixels: pictureLimits.pixels,
    'pixels of a side': pictureLimits.sidePixels,
    channels: pictureLimits.channels,
    'pages or frames': pictureLimits.frames,
    'pixels of all frames up to the shown one': pictureLimits.framePixels,
    'layers of a progressive JPEG': pictureLimits.scans,
    'milliseconds of decoding': pictureLimits.decodeMs,
    'bytes of a PDF': pdfLimits.fileBytes,
    'pages of a PDF that can be read': pdfLimits.pages,
    'pixels of a drawn page': pdfLimits.pixels,
    'characters of a page': pdfLimits.characters,
    'bytes of memory of a PDF': pdfLimits.memoryBytes,
    'milliseconds for a page': pdfLimits.pageMs,
  };
  const told = readTable('## Limits').map(({ limit, value }) => [limit, Number(value)]);
  assert.deepEqual(Object.fromEntries(told), limits);
});

test('every test that the page names exists', () => {
  const named = [...page.matchAll(/`((?:test|native-models)\/[^`]+)`/g)].map(([, path]) => path!);
  assert.ok(named.length > 15);
  for (const path of named) assert.ok(existsSync(new URL(path, root)), path);
});
