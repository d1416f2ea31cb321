/** Films at the media process's border: what they are, their frames as tiles with their times, and no harm from hostile ones. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { connectClient } from '../../main/supervisor/connect-client.ts';
import { spawnNodeChild } from '../../main/supervisor/spawn-node-child.ts';
import { supervise } from '../../main/supervisor/supervise.ts';
import {
  type FileSource,
  inspectFile,
  type OpenedFrame,
  type OpenFramesRequest,
  openFrames,
  openPicture,
  openThumbnail,
  readText,
} from '../../native-models/process/media-client.ts';
import { mediaContract } from '../../native-models/process/media-contract.ts';

const film = (name: string) => fileURLToPath(new URL(`../support/films/${name}`, import.meta.url));
const oneTile = { tileSize: 56, minTiles: 1, maxTiles: 1, useThumbnail: false };

/** The number a frame of the test films shows in its lower right quarter. */
function shownNumber({ picture: { pixels, tileSize } }: OpenedFrame): number {
  const at = (tileSize - 8) * tileSize + tileSize - 8;
  return Math.round((pixels[at * 3]! * 219) / 255 / 4);
}

describe('films at the media process', () => {
  const file = fileURLToPath(new URL('../../native-models/process/media-entry.ts', import.meta.url));
  const child = supervise({ spawn: spawnNodeChild, file, name: 'media' });
  const media = connectClient(mediaContract, child, 'test');
  after(() => child.shutdown());

  const frames = (source: FileSource, choice: OpenFramesRequest['choice']) =>
    Array.fromAsync(openFrames(media, { source, choice, ...oneTile }));
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'fine',
      (error: { code: string }) => error.code,
    );

  it('tells what a film is, by path and by bytes', async () => {
    const turned = { path: film('turned.mp4') };
    const description = {
      ...{ kind: 'film', widthPx: 48, heightPx: 64, durationMs: 1000, frameRate: 5 },
      ...{ rotation: 270, codec: 'avc' },
    };
    assert.deepEqual(await inspectFile(media, turned), description);
    const bytes = await readFile(turned.path);
    assert.deepEqual(await inspectFile(media, { bytes, name: 'turned.mp4' }), description);
  });

  for (const name of ['h264.mp4', 'h265.mov', 'vp8.webm', 'vp9.webm', 'av1.mkv']) {
    it(`opens frames of ${name} as one tile each, with their times`, async () => {
      const opened = await frames({ path: film(name) }, { count: 8 });
      const indices = [3, 9, 15, 21, 27, 34, 40, 46];
      assert.deepEqual(opened.map(shownNumber), indices);
      assert.deepEqual(
        opened.map(({ timeMs }) => Math.round(timeMs)),
        indices.map((index) => index * 40),
      );
      for (const { picture, place, timeMs } of opened) {
        assert.deepEqual([picture.tileCount, picture.columns, picture.rows], [1, 1, 1]);
        assert.deepEqual(place, { kind: 'frame', width: 64, height: 48, timeMs });
      }
    });
  }

  it('opens a part, chosen times, and scenes', async () => {
    const source = { path: film('h264.mp4') };
    const part = await frames(source, { count: 4, boundMs: [800, 1200] });
    assert.deepEqual(part.map(shownNumber), [21, 23, 26, 29]);
    assert.deepEqual((await frames(source, { timesMs: [1000, 40] })).map(shownNumber), [1, 25]);
    const scenes = await frames({ path: film('three-scenes.mp4') }, { count: 3, sampling: 'scenes' });
    assert.equal(scenes.length, 3);
    assert.equal(new Set(scenes.map(({ picture }) => picture.pixels[0])).size, 3);
  });

  it('shows one frame as a picture, a region of it, and a thumbnail', async () => {
    const source = { path: film('h264.mp4') };
    const tiling = { ...oneTile, asReference: false };
    const shown = await openPicture(media, { source, part: { timeMs: 1010 }, ...tiling });
    assert.deepEqual(shown?.place, { kind: 'frame', width: 64, height: 48, timeMs: 1000 });
    const region: [number, number, number, number] = [0, 0, 0.5, 0.5];
    const corner = await openPicture(media, { source, part: { timeMs: 1010, region }, ...tiling });
    assert.deepEqual(corner?.place, {
      kind: 'region',
      width: 32,
      height: 24,
      parent: { kind: 'frame', width: 64, height: 48, timeMs: 1000 },
      crop: [0, 0, 32, 24],
    });
    assert.ok(corner.picture.pixels[28 * 56 * 3 + 84]! > 247, 'the white quarter');
    const webp = await openThumbnail(media, { source, part: { timeMs: 400 }, maxSide: 32 });
    const { width, height, format } = await sharp(webp ?? new Uint8Array()).metadata();
    assert.deepEqual({ width, height, format }, { width: 32, height: 24, format: 'webp' });
  });

  it('refuses what makes no sense for a film, and frames of what is none', async () => {
    const source = { path: film('h264.mp4') };
    const tiling = { ...oneTile, asReference: false };
    assert.equal(
      await codeOf(openPicture(media, { source, part: { page: 2 }, ...tiling })),
      'invalid_request',
    );
    assert.equal(await codeOf(frames(source, { timesMs: [9000] })), 'invalid_request');
    assert.equal(await codeOf(frames(source, { count: 65 })), 'invalid_request');
    assert.equal(await codeOf(readText(media, { source, part: {} })), 'media_unsupported');
    const text = { bytes: Buffer.from('no film'), name: 'notes.txt' };
    assert.equal(await codeOf(frames(text, { count: 1 })), 'invalid_request');
    const png = { path: fileURLToPath(new URL('../../assets/samples/word.png', import.meta.url)) };
    assert.equal(
      await codeOf(openPicture(media, { source: png, part: { timeMs: 0 }, ...tiling })),
      'invalid_request',
    );
  });

  it('answers hostile films with a word of the closed list, and lives on in the same process', async () => {
    await media.describeProcess({});
    const { pid } = child;
    assert.ok(pid !== null);
    const whole = await readFile(film('h264.mp4'));
    const patched = (patch: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(whole);
      patch(bytes);
      return { bytes, name: 'hostile.mp4' };
    };
    const hostile: Record<string, FileSource> = {
      cut: patched((bytes) => bytes.fill(0, 1500)),
      'no frames': patched((bytes) => bytes.writeUInt32BE(0, bytes.indexOf('stsz') + 12)),
      'four billion frames': patched((bytes) => bytes.writeUInt32BE(0xffffffff, bytes.indexOf('stsz') + 12)),
      'huge frame': patched((bytes) => bytes.writeUInt32BE(0x7fffffff, bytes.indexOf('stsz') + 16)),
      'huge picture': patched((bytes) =>
        bytes.fill(0xff, bytes.indexOf('avc1') + 28, bytes.indexOf('avc1') + 32),
      ),
      'frames elsewhere': patched((bytes) => bytes.writeUInt32BE(0xfffffff0, bytes.indexOf('stco') + 12)),
      'zero time scale': patched((bytes) => bytes.writeUInt32BE(0, bytes.indexOf('mdhd') + 16)),
      'no parameters': patched((bytes) =>
        bytes.fill(0, bytes.indexOf('avcC') + 4, bytes.indexOf('avcC') + 30),
      ),
      'sound alone': { path: film('sound-only.mp4') },
      'ten bits': { path: film('hdr.mp4') },
    };
    const allowed = ['media_broken', 'media_unsupported', 'media_too_large', 'timed_out'];
    for (const [name, source] of Object.entries(hostile)) {
      const sinceMs = performance.now();
      const code = await codeOf(frames(source, { count: 8 }));
      assert.ok(allowed.includes(code) || (code === 'fine' && name !== 'no frames'), `${name}: ${code}`);
      assert.ok(performance.now() - sinceMs < 30_000, name);
    }
    assert.equal((await frames({ path: film('h264.mp4') }, { count: 2 })).length, 2);
    const { peakRssBytes } = await media.describeProcess({});
    assert.ok(peakRssBytes < 500e6, `${peakRssBytes} bytes at most`);
    assert.equal(child.pid, pid);
  });

  it('stops reading when it is no longer wanted', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const request = { source: { path: film('h264.mp4') }, choice: { count: 32 }, ...oneTile };
    for await (const frame of openFrames(media, request, stop.signal)) {
      seen.push(frame.timeMs);
      stop.abort();
    }
    assert.equal(seen.length, 1);
    assert.equal((await frames({ path: film('h264.mp4') }, { count: 2 })).length, 2);
  });
});
