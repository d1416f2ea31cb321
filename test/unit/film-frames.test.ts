/**
 * Films become frames, the right ones, at the right times; hostile ones cost a typed error and little time.
 * The films of test/support/films show their own number: frame n has the brightness 16 + 4n, and a white upper left
 * quarter. They are 25 frames a second, 50 frames, 64 × 48.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { filmLimits, lowerFilmLimits } from '../../native-models/media/film/film-limits.ts';
import {
  type FilmFrame,
  type FrameChoice,
  inspectFilm,
  type ReadFilmOptions,
  readFrames,
} from '../../native-models/media/film/open-film.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { type FilmContainer, remuxFilm } from '../support/remux-film.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const film = (name: string) => fileURLToPath(new URL(`../support/films/${name}`, import.meta.url));

function readAll(path: string, choice: FrameChoice, options: ReadFilmOptions = {}): Promise<FilmFrame[]> {
  return Array.fromAsync(readFrames({ path }, choice, options));
}

function grey({ picture: { width, pixels } }: FilmFrame, x: number, y: number): number {
  return pixels[(y * width + x) * 3]!;
}

/** The number a frame shows in its lower right quarter; stored brightness 16–235 fills 0–255. */
function shownNumber(frame: FilmFrame): number {
  const { width, height } = frame.picture;
  return Math.round((grey(frame, width - 8, height - 8) * 219) / 255 / 4);
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.ok(!error.message.includes('/'), error.message);
    return error.code;
  }
  return 'none';
}

const indices = [3, 9, 15, 21, 27, 34, 40, 46]; // get_index(None, 25, 49, 0, 8)

function assertNumbered(frames: FilmFrame[], name: string): void {
  assert.deepEqual(
    frames.map(({ index }) => index),
    indices,
    name,
  );
  assert.deepEqual(frames.map(shownNumber), indices, name);
  assert.deepEqual(
    frames.map(({ timeMs }) => Math.round(timeMs)),
    indices.map((index) => index * 40),
    name,
  );
  assert.ok(
    frames.every((frame) => grey(frame, 4, 4) > 247),
    `${name}: white upper left`,
  );
}

const films: Record<string, string> = {
  'h264.mp4': 'avc',
  'h265.mov': 'hevc',
  'vp8.webm': 'vp8',
  'vp9.webm': 'vp9',
  'av1.mkv': 'av1',
  'no-duration.webm': 'vp9',
  'fragments.mp4': 'avc',
  'interlaced.mp4': 'avc',
  'open-groups.mp4': 'avc',
  'open-groups.mkv': 'hevc',
};

for (const [name, codec] of Object.entries(films)) {
  test(`${name} gives the card's frames, each with its time`, async () => {
    assert.deepEqual(await inspectFilm({ path: film(name) }), {
      ...{ widthPx: 64, heightPx: 48, durationMs: 2000, frameRate: 25, rotation: 0, codec },
    });
    assertNumbered(await readAll(film(name), { count: 8 }), name);
  });
}

const containersOf: Record<string, FilmContainer[]> = {
  'h264.mp4': ['mp4', 'mov', 'mkv'],
  'h265.mov': ['mp4', 'mov', 'mkv'],
  'vp8.webm': ['webm', 'mkv'],
  'vp9.webm': ['mp4', 'webm', 'mkv'],
  'av1.mkv': ['mp4', 'webm', 'mkv'],
};

for (const [name, containers] of Object.entries(containersOf)) {
  test(`the frames of ${name} are the same in ${containers.join(', ')}, read from memory`, async () => {
    for (const container of containers) {
      const bytes = await remuxFilm(film(name), container);
      assertNumbered(await Array.fromAsync(readFrames({ bytes }, { count: 8 })), container);
    }
  });
}

test('every frame of a film can be had, once, up to the last one', async () => {
  for (const name of ['h264.mp4', 'open-groups.mkv']) {
    const frames = await readAll(film(name), { count: 64 });
    assert.deepEqual(
      frames.map(shownNumber),
      frames.map(({ index }) => index),
    );
    assert.ok(frames.length >= 49 && new Set(frames.map(shownNumber)).size === frames.length);
    const [last] = await readAll(film(name), { timesMs: [2000] });
    assert.equal(shownNumber(last!), 49, name);
  }
});

test('a part in milliseconds keeps to it', async () => {
  const frames = await readAll(film('vp9.webm'), { count: 4, boundMs: [800, 1200] });
  assert.deepEqual(frames.map(shownNumber), [21, 23, 26, 29]); // get_index([0.8, 1.2], 25, 49, 0, 4)
});

test('a time gives the frame that is shown then', async () => {
  const frames = await readAll(film('h264.mp4'), { timesMs: [1999, 0, 39, 40, 1000.5] });
  assert.deepEqual(frames.map(shownNumber), [0, 1, 25, 49]);
  const slow = await readAll(film('variable-rate.mp4'), { timesMs: [4999, 1100] });
  assert.deepEqual(slow.map(shownNumber), [25, 49]);
});

interface Golden {
  timesMs: number[];
  /** RGB of the first and last frame, base64. */
  first: string;
  last: string;
}

// Made by native-models/reference/film_goldens.py with FFmpeg, whose own arithmetic is off by up to 1 of 255; of the
// full-range film its tables cut single saturated pixels by up to 7.
const golden = JSON.parse(
  readFileSync(new URL('../golden/media/films.json', import.meta.url), 'utf8'),
) as Record<string, Golden>;

for (const [name, expected] of Object.entries(golden)) {
  test(`${name} looks as in FFmpeg, and keeps its frames' own times`, async () => {
    const frames = await readAll(film(name), { timesMs: expected.timesMs });
    assert.deepEqual(
      frames.map(({ timeMs }) => Math.round(timeMs)),
      expected.timesMs,
    );
    for (const [frame, text] of [
      [frames[0], expected.first],
      [frames.at(-1), expected.last],
    ] as const) {
      const bytes = Buffer.from(text, 'base64');
      assert.equal(frame!.picture.pixels.length, bytes.length);
      const off = bytes.map((value, at) => Math.abs(value - frame!.picture.pixels[at]!));
      assert.ok(Math.max(...off) <= (name === 'colours-full.webm' ? 7 : 1), `${Math.max(...off)}`);
      assert.ok(off.reduce((sum, value) => sum + value, 0) / off.length < 0.1);
    }
  });
}

/** The eight ways to turn and mirror, as an mp4's display matrix: x' = ax + cy, y' = bx + dy, y downwards. */
const turns = [
  [1, 0, 0, 1],
  [0, 1, -1, 0],
  [-1, 0, 0, -1],
  [0, -1, 1, 0],
  [-1, 0, 0, 1],
  [1, 0, 0, -1],
  [0, 1, 1, 0],
  [0, -1, -1, 0],
] as const;

test('a film turned or mirrored in any way is shown upright', async () => {
  for (const [a, b, c, d] of turns) {
    const bytes = await readFile(film('h264.mp4'));
    const matrixAt = bytes.indexOf('tkhd') + 44;
    for (const [at, value] of [a, b, 0, c, d].entries())
      bytes.writeInt32BE(value * 0x10000, matrixAt + 4 * at);
    const header = await inspectFilm({ bytes });
    const [frame] = await Array.fromAsync(readFrames({ bytes }, { count: 1 }));
    const { width, height } = frame!.picture;
    assert.deepEqual([width, height], a === 0 ? [48, 64] : [64, 48]);
    assert.deepEqual([header.widthPx, header.heightPx], [width, height]);
    const whiteIsRight = -a - c > 0; // the upper left quarter lies at (-1, -1) of the middle
    const whiteIsBelow = -b - d > 0;
    for (const right of [false, true]) {
      for (const below of [false, true]) {
        const level = grey(frame!, right ? width - 4 : 4, below ? height - 4 : 4);
        assert.equal(level > 247, right === whiteIsRight && below === whiteIsBelow, `${[a, b, c, d]}`);
      }
    }
  }
});

test('a film of one frame gives it once', async () => {
  const frames = await readAll(film('one-frame.mp4'), { count: 32 });
  assert.deepEqual(
    frames.map(({ index, timeMs }) => [index, timeMs]),
    [[0, 0]],
  );
});

test('by scene, a flash that even spacing misses is seen', async () => {
  const levels = async (sampling: 'uniform' | 'scenes') =>
    (await readAll(film('three-scenes.mp4'), { count: 3, sampling })).map((frame) => grey(frame, 32, 24));
  const bright = (level: number) => level > 180;
  assert.ok(!(await levels('uniform')).some(bright));
  const scenes = await levels('scenes');
  assert.equal(scenes.length, 3);
  assert.equal(scenes.filter(bright).length, 1);
});

test('what is no film, or none that can be decoded, is refused with a reason', async (t) => {
  const folder = await temporaryFolder(t);
  const write = async (name: string, bytes: Uint8Array) => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const mp4 = await readFile(film('h264.mp4'));
  await mkdir(join(folder, 'folder.mp4'));
  const refused = async (path: string) => refusal(inspectFilm({ path }));
  assert.equal(await refused(film('sound-only.mp4')), 'media_unsupported');
  assert.equal(await refused(film('unknown-codec.mkv')), 'media_unsupported');
  assert.equal(await refused(film('hdr.mp4')), 'media_unsupported');
  assert.equal(await refused(await write('empty.mp4', new Uint8Array())), 'media_broken');
  assert.equal(await refused(await write('text.mp4', Buffer.from('no film '.repeat(500)))), 'media_broken');
  assert.equal(await refused(await write('cut.mp4', mp4.subarray(0, 1500))), 'media_broken', 'no moov');
  assert.equal(await refused(join(folder, 'missing.mp4')), 'file_unreadable');
  assert.equal(await refused(join(folder, 'folder.mp4')), 'path_refused');
});

test('a film that was cut off gives the frames it has', async () => {
  const whole = await readFile(film('fragments.mp4'));
  const bytes = whole.subarray(0, Math.floor(whole.length * 0.6));
  const frames = await Array.fromAsync(readFrames({ bytes }, { count: 4 }));
  assert.ok(frames.length > 0 && frames.length <= 4);
  for (const frame of frames) assert.equal(shownNumber(frame), frame.index);
});

test('damage anywhere gives frames or a typed error', { timeout: 120_000 }, async () => {
  const outcomes: string[] = [];
  const names = ['h264.mp4', 'h265.mov', 'vp8.webm', 'vp9.webm', 'av1.mkv', 'fragments.mp4'];
  for (const [seed, name] of [...names, ...names].entries()) {
    const bytes = await readFile(film(name));
    const step = seed < names.length ? 61 : 397; // the rarer the damage, the further it gets
    for (let at = 40 + seed * 7; at < bytes.length; at += step) bytes[at] = (bytes[at]! * 31 + seed) & 255;
    const sinceMs = performance.now();
    outcomes.push(await refusal(Array.fromAsync(readFrames({ bytes }, { count: 4 }))));
    assert.ok(performance.now() - sinceMs < 30_000, name);
  }
  assert.ok(
    outcomes.some((code) => code !== 'none'),
    'damage was met',
  );
});

test('a film that claims ten hours and has two seconds is read by the times of its frames', async () => {
  const bytes = await readFile(film('h264.mp4'));
  bytes.writeUInt32BE(36_000_000, bytes.indexOf('mvhd') + 20); // in milliseconds
  assert.equal((await inspectFilm({ bytes })).durationMs, 2000);
  assertNumbered(await Array.fromAsync(readFrames({ bytes }, { count: 8 })), 'claims ten hours');
});

test('a film without any duration to its frames is refused or read, never divided by', async () => {
  const bytes = await readFile(film('one-frame.mp4'));
  bytes.writeUInt32BE(0, bytes.indexOf('stts') + 16);
  bytes.writeUInt32BE(0, bytes.indexOf('mvhd') + 20);
  const header = await inspectFilm({ bytes });
  assert.ok(header.durationMs >= 0 && header.frameRate > 0);
  assert.equal((await Array.fromAsync(readFrames({ bytes }, { count: 2 }))).length, 1);
});

test('a film on disk is read where its frames lie, not whole', async (t) => {
  const path = join(await temporaryFolder(t), 'long.mp4');
  const bytes = await readFile(film('fragments.mp4'));
  const file = await open(path, 'w');
  await file.write(bytes);
  await file.truncate(8 * 1024 ** 3); // a hole that takes no room on the disk
  await file.close();
  const sinceMs = performance.now();
  const frames = await readAll(path, { timesMs: [0, 400] });
  assert.deepEqual(frames.map(shownNumber), [0, 10]);
  assert.ok(performance.now() - sinceMs < 10_000);
});

test('a request may lower a limit and never raise it', async () => {
  assert.equal(lowerFilmLimits({ pixels: 1e12 }).pixels, filmLimits.pixels);
  const frames = (choice: FrameChoice, limits: ReadFilmOptions['limits'] = {}) =>
    refusal(readAll(film('h264.mp4'), choice, { limits }));
  assert.equal(await frames({ count: 65 }, { sampledFrames: 1000 }), 'invalid_request');
  assert.equal(await frames({ count: 5 }, { sampledFrames: 4 }), 'invalid_request');
  assert.equal(await frames({ count: 1.5 }), 'invalid_request');
  assert.equal(await frames({ timesMs: [] }), 'invalid_request');
  assert.equal(await frames({ timesMs: [2500] }), 'invalid_request', 'behind the end');
  assert.equal(await frames({ count: 4, boundMs: [3000, 4000] }), 'invalid_request', 'behind the end');
  assert.equal(await frames({ count: 4, boundMs: [1000, 1000] }), 'invalid_request', 'empty');
  assert.equal(await frames({ count: 2 }, { pixels: 64 * 48 - 1 }), 'media_too_large');
  assert.equal(await frames({ count: 2 }, { fileBytes: 1000 }), 'media_too_large');
  assert.equal(await frames({ count: 2 }, { durationSeconds: 1 }), 'media_too_large');
  assert.equal(await frames({ count: 2 }, { openMs: 0 }), 'timed_out');
  assert.equal(await frames({ count: 2 }, { walkedFrames: 3 }), 'media_too_large', 'too far to decode');
});

test('a film with more frames than may be looked at is read by its average rate', async () => {
  const frames = await readAll(film('h264.mp4'), { count: 4 }, { limits: { walkedFrames: 45 } });
  assert.deepEqual(frames.map(shownNumber), [6, 18, 30, 43]); // get_index(None, 25, 49, 0, 4)
});

test('an abort ends the reading without an error', async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const frame of readFrames({ path: film('h264.mp4') }, { count: 16 }, { signal: stop.signal })) {
    seen.push(frame.index);
    stop.abort();
  }
  assert.ok(seen.length >= 1 && seen.length < 16, String(seen.length));
  assert.deepEqual(await readAll(film('h264.mp4'), { count: 4 }, { signal: stop.signal }), []);
});
