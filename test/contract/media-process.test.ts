/** The media process: files by path and by bytes become tiles, and a hostile one takes nobody else along. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { connectClient } from '../../main/supervisor/connect-client.ts';
import { spawnNodeChild } from '../../main/supervisor/spawn-node-child.ts';
import { supervise } from '../../main/supervisor/supervise.ts';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { originOf } from '../../native-models/media/region.ts';
import { makeTiles } from '../../native-models/media/tiles.ts';
import {
  inspectFile,
  openPicture,
  openThumbnail,
  readText,
} from '../../native-models/process/media-client.ts';
import { fileId, mediaContract } from '../../native-models/process/media-contract.ts';
import { makePdf, showText } from '../support/make-pdf.ts';

/** Two letter-size pages with a line of text each. */
const textPdf = () =>
  makePdf(
    ['first page', 'second page'].map((text) => ({
      content: showText(text, 72, 700),
      mediaBox: [0, 0, 612, 792],
    })),
  );

describe('the media process', () => {
  const file = fileURLToPath(new URL('../../native-models/process/media-entry.ts', import.meta.url));
  const child = supervise({ spawn: spawnNodeChild, file, name: 'media' });
  const media = connectClient(mediaContract, child, 'test');
  const tiling = { tileSize: 56, minTiles: 1, maxTiles: 6, useThumbnail: true, asReference: false };
  let folder: string;
  let path: string;
  let bytes: Uint8Array;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-process-'));
    path = join(folder, 'noise.png');
    const pixels = Buffer.from(Array.from({ length: 400 * 200 * 3 }, (_, index) => (index * 7919) % 256));
    bytes = await sharp(pixels, { raw: { width: 400, height: 200, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    await writeFile(path, bytes);
  });
  after(async () => {
    await child.shutdown();
    await rm(folder, { recursive: true });
  });

  it('makes the same tiles of a path and of bytes that take several frames', async () => {
    const ofPath = await openPicture(media, { source: { path }, ...tiling });
    const ofBytes = await openPicture(media, { source: { bytes }, ...tiling });
    assert.deepEqual(ofBytes, ofPath);
    assert.ok(ofPath);
    assert.deepEqual(ofPath.place, { kind: 'file', width: 400, height: 200, orientation: 1 });
    const { pixels, ...header } = ofPath.picture;
    assert.deepEqual(header, {
      width: 400,
      height: 200,
      columns: 2,
      rows: 1,
      thumbnail: true,
      tileSize: 56,
      tileCount: 3,
    });
    assert.equal(pixels.byteLength, 3 * 56 * 56 * 3);
    assert.ok(bytes.byteLength > 200_000);
  });

  it('tells what a file is before anything large is decoded', async () => {
    assert.deepEqual(await inspectFile(media, { path }), {
      kind: 'picture',
      width: 400,
      height: 200,
      pageCount: 1,
      isAnimated: false,
    });
    const pdf = textPdf();
    const page = { widthPoints: 612, heightPoints: 792, rotationDegrees: 0, cropOrigin: [0, 0] };
    assert.deepEqual(await inspectFile(media, { bytes: pdf }), {
      kind: 'pdf',
      pageCount: 2,
      pages: [page, page],
    });
    const table = new TextEncoder().encode('a,b\n1,2\n');
    const found = await inspectFile(media, { bytes: table, name: 'table.csv' });
    assert.deepEqual(found, { kind: 'document', format: 'csv', characters: 8 });
  });

  it('shows a page at the resolution of the tiles, and a region of it that knows where it lies', async () => {
    const source = { bytes: textPdf() };
    const whole = await openPicture(media, { source, part: { page: 2 }, ...tiling });
    assert.equal(whole?.place.kind, 'page');
    const region: [number, number, number, number] = [0.5, 0.25, 1, 0.5];
    const part = await openPicture(media, { source, part: { page: 2, region }, ...tiling });
    assert.ok(part);
    const { whole: page, box } = originOf(part.place);
    assert.ok(page.kind === 'page' && page.page === 2);
    for (const [index, edge] of box.entries()) {
      const side: number = index % 2 === 0 ? page.width : page.height;
      assert.ok(Math.abs(edge - region[index]! * side) <= 1, `edge ${index}`);
    }
    assert.ok(page.width > 1.5 * (whole?.place.width ?? 0), 'the region was drawn anew, closer');
    await assert.rejects(openPicture(media, { source, part: { page: 3 }, ...tiling }), { code: 'not_found' });
    await assert.rejects(openPicture(media, { source: { path }, part: { page: 1 }, ...tiling }), {
      code: 'invalid_request',
    });
  });

  it('opens any page of a TIFF and any frame of an animation, and says how many there are', async () => {
    const golden = (file: string) =>
      fileURLToPath(new URL(`../golden/media/pictures/${file}`, import.meta.url));
    const pages = { path: golden('pages-unlike.tif') };
    const found = await inspectFile(media, pages);
    assert.deepEqual(found, { kind: 'picture', width: 23, height: 17, pageCount: 5, isAnimated: false });
    const second = await openPicture(media, { source: pages, part: { page: 2 }, ...tiling });
    assert.deepEqual(second?.place, { kind: 'file', width: 9, height: 31, orientation: 1, page: 2 });
    assert.deepEqual([second?.picture.width, second?.picture.height], [9, 31]);
    await assert.rejects(openPicture(media, { source: pages, part: { page: 6 }, ...tiling }), {
      code: 'not_found',
    });
    const moving = await inspectFile(media, { path: golden('moving.gif') });
    assert.deepEqual(moving, { kind: 'picture', width: 23, height: 17, pageCount: 3, isAnimated: true });
    const frame = { source: { path: golden('moving.gif') }, part: { page: 3 }, maxSide: 64 };
    assert.ok(await openThumbnail(media, frame));
  });

  it('cuts a region out of a picture pixel for pixel', async () => {
    const all = await decodePicture({ path });
    const cut = await openPicture(media, {
      source: { path },
      part: { region: [0.25, 0.5, 0.75, 1] },
      ...tiling,
      maxTiles: 2,
    });
    assert.deepEqual(cut?.place, {
      kind: 'region',
      width: 200,
      height: 100,
      parent: { kind: 'file', width: 400, height: 200, orientation: 1 },
      crop: [100, 100, 300, 200],
    });
    const rows = Array.from({ length: 100 }, (_, y) =>
      all.pixels.subarray(((y + 100) * 400 + 100) * 3, ((y + 100) * 400 + 300) * 3),
    );
    const expected = makeTiles(
      { width: 200, height: 100, pixels: Buffer.concat(rows) },
      { ...tiling, maxTiles: 2 },
    );
    assert.deepEqual(cut?.picture.pixels, expected.pixels);
  });

  it('makes thumbnails, and reads text of pages and documents', async () => {
    const webp = await openThumbnail(media, { source: { path }, part: {}, maxSide: 100 });
    const { width, height, format } = await sharp(webp ?? new Uint8Array()).metadata();
    assert.deepEqual({ width, height, format }, { width: 100, height: 50, format: 'webp' });
    const page = await readText(media, { source: { bytes: textPdf() }, part: { page: 2 } });
    assert.match(page?.text ?? '', /second page/);
    const long = new TextEncoder().encode('word '.repeat(20_000));
    const document = await readText(media, { source: { bytes: long, name: 'long.txt' }, part: {} });
    assert.equal(document?.text.length, 100_000);
    await assert.rejects(readText(media, { source: { path }, part: {} }), { code: 'media_unsupported' });
  });

  it('says what is wrong with a file in a word of the closed list', async () => {
    const codeOf = (source: { path: string } | { bytes: Uint8Array }) =>
      openPicture(media, { source, ...tiling }).then(
        () => 'fine',
        (error) => error.code,
      );
    const text = new TextEncoder().encode('no picture at all');
    assert.equal(await codeOf({ bytes: text }), 'media_unsupported');
    assert.equal(await codeOf({ bytes: bytes.subarray(0, 1000) }), 'media_broken');
    assert.equal(await codeOf({ bytes: new Uint8Array(0) }), 'media_broken');
    assert.notEqual(await codeOf({ path: join(folder, 'none.png') }), 'internal');
    assert.equal(await codeOf({ path }), 'fine');
  });

  it('keeps no sent file for a second request, and takes no half of one', async () => {
    const id = fileId.parse('half');
    await media.putFile({ fileId: id, sizeBytes: 200, offset: 0, bytes: new Uint8Array(100), last: false });
    const open = () =>
      Array.fromAsync(media.openPicture({ source: { fileId: id, name: 'half.png' }, part: {}, ...tiling }));
    await assert.rejects(open(), { code: 'not_found' });
    await assert.rejects(open(), { code: 'not_found' });
  });

  it('stops sending when it is no longer wanted', async () => {
    assert.equal(await openPicture(media, { source: { path }, ...tiling }, AbortSignal.abort()), null);
    assert.ok(await openPicture(media, { source: { path }, ...tiling }));
  });
});
