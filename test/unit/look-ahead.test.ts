/** Pictures looked at before they are asked about: in the background, kept once asked about, forgotten otherwise. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLookedAhead, lookAhead } from '../../native-models/inference/look-ahead.ts';
import { createRunTurns } from '../../native-models/inference/run-turns.ts';
import type { VisionEncoder } from '../../native-models/inference/vision-encoder.ts';
import { createVisualTokenCache, encodePictures } from '../../native-models/inference/visual-tokens.ts';
import type { PictureTiles } from '../../native-models/media/tiles.ts';
import { createLooks } from '../../native-models/process/stoppable-looks.ts';

const tileSize = 2;
const never = new AbortController().signal;

function picture(colour: number): PictureTiles {
  const pixels = new Uint8Array(tileSize ** 2 * 3).fill(colour);
  const size = { width: tileSize, height: tileSize, columns: 1, rows: 1, tileCount: 1 };
  return { ...size, thumbnail: false, tileSize, pixels };
}

/** Notes which tiles are looked at; each takes its turn. */
function openModel(graceMs: number) {
  const looks: number[] = [];
  const turns = createRunTurns();
  const vision: VisionEncoder = {
    tileSize,
    tileBatch: 1,
    encode: (values, _, inTurn) =>
      inTurn(async () => {
        looks.push(Math.round(values[0]! * 10));
        return values.slice(0, 1);
      }),
    async close() {},
  };
  const lookedAhead = createLookedAhead(createVisualTokenCache(), graceMs);
  return { looks, parts: { lookedAhead, vision, turns, visualTokenType: 'F16' as const } };
}

type Parts = ReturnType<typeof openModel>['parts'];

async function ask({ lookedAhead, vision, turns }: Parts, pictures: PictureTiles[]): Promise<void> {
  const inTurn = turns.forReader('', never);
  for await (const _ of encodePictures(pictures, { encoder: vision, cache: lookedAhead.cache, inTurn }));
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries++) await sleep(10);
  assert.ok(isSo());
}

/** Begins to look ahead; the result resolves when it has ended. */
function look(parts: Parts, pictures: PictureTiles[], signal: AbortSignal): Promise<unknown[]> {
  return Array.fromAsync(lookAhead(parts, { pictures }, signal));
}

test('a picture looked at ahead is not looked at again when it is asked about, then or later', async () => {
  const { looks, parts } = openModel(1000);
  const leave = new AbortController();
  const looking = look(parts, [picture(1), picture(200)], leave.signal);
  await until(() => looks.length === 2);
  await sleep(10); // the last one's tokens are put down
  leave.abort();
  await ask(parts, [picture(1)]);
  await looking;
  await sleep(1500);
  await ask(parts, [picture(1)]);
  assert.equal(looks.length, 2);
  await ask(parts, [picture(200)]); // was never asked about: forgotten
  assert.equal(looks.length, 3);
});

test('who writes or reads goes first, and the background goes on behind them', async () => {
  const { looks, parts } = openModel(1000);
  const leave = new AbortController();
  const endWriting = parts.turns.beginWriting();
  const looking = look(parts, [picture(1)], leave.signal);
  await sleep(20);
  assert.equal(looks.length, 0);
  await ask(parts, [picture(50)]); // read beside the writer
  assert.equal(looks.length, 1);
  endWriting();
  await until(() => looks.length === 2);
  leave.abort();
  await looking;
});

test('what is taken out before its turn is never looked at', async () => {
  const { looks, parts } = openModel(1000);
  const leave = new AbortController();
  const endWriting = parts.turns.beginWriting();
  const looking = look(parts, [picture(1)], leave.signal);
  await sleep(10);
  leave.abort();
  endWriting();
  await looking;
  assert.equal(looks.length, 0);
});

test('all looks end before the model under them goes', async () => {
  const looks = createLooks();
  const ended: string[] = [];
  const open = Array.fromAsync(
    looks.run(never, async function* (signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await sleep(10);
      ended.push('look');
      yield 1;
    }),
  );
  await looks.stopAll();
  ended.push('model');
  assert.deepEqual(await open, [1]);
  assert.deepEqual(ended, ['look', 'model']);
});
