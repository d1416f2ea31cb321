/** Runs of many writers and readers: together, in turn, and none at another's mercy. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decoder } from '../../native-models/inference/decoder.ts';
import { groupSteps } from '../../native-models/inference/group-steps.ts';
import type { KvCache } from '../../native-models/inference/kv-cache.ts';
import { createRunTurns, type WantedStep } from '../../native-models/inference/run-turns.ts';

const never = new AbortController().signal;

const cacheOf = (length: number, prefix: object | null = null, cut = (_: number) => {}) =>
  ({ length, tail: { length }, prefix, truncate: cut }) as unknown as KvCache;

/** A decoder that notes what runs; a run takes `ms`. */
function notedDecoder(runs: string[], ms = 0): Decoder {
  const wait = () => (ms > 0 ? sleep(ms) : Promise.resolve());
  return {
    async run({ positions }) {
      runs.push(`${positions[0]}`);
      await wait();
      return Float32Array.of(positions[0]!);
    },
    async runTogether(steps) {
      runs.push(steps.map(({ position }) => position).join('+'));
      await wait();
      return steps.map(({ position }) => Float32Array.of(position));
    },
  } as Decoder;
}

function step(decoder: Decoder, position: number, more: Partial<WantedStep> = {}): WantedStep {
  const logits = new Float32Array(1);
  return {
    decoder,
    cache: cacheOf(10),
    hidden: new Float32Array(0),
    position,
    signal: never,
    logits,
    ...more,
  };
}

test('steps asked for at the same time are one run, and each gets its own logits', async () => {
  const runs: string[] = [];
  const turns = createRunTurns();
  const decoder = notedDecoder(runs);
  const logits = await Promise.all([1, 2, 3].map((position) => turns.decode(step(decoder, position))));
  assert.deepEqual(
    logits.map(([first]) => first),
    [1, 2, 3],
  );
  assert.deepEqual(runs, ['1+2+3']);
});

test('a run waits a moment for a writer who is choosing, but not for one who listens slowly', async () => {
  const runs: string[] = [];
  const turns = createRunTurns();
  const decoder = notedDecoder(runs);
  const ends = [turns.beginWriting(), turns.beginWriting()];
  const first = turns.decode(step(decoder, 1));
  await new Promise((resolve) => setImmediate(resolve)); // a form's mask takes a turn or two
  await Promise.all([first, turns.decode(step(decoder, 2))]);
  await turns.decode(step(decoder, 3));
  assert.deepEqual(runs, ['1+2', '3']);
  for (const end of ends) end();
});

test('reading and writing get half of the time each, whoever came first', async () => {
  const runs: string[] = [];
  const turns = createRunTurns();
  const decoder = notedDecoder(runs, 5);
  const endWriting = turns.beginWriting();
  const read = turns.forReader('a', never);
  const writing = (async () => {
    for (let position = 0; position < 40; position++) await turns.decode(step(decoder, position));
  })();
  for (let piece = 0; piece < 4; piece++) {
    await read(async () => {
      runs.push('read');
      await sleep(25);
    });
  }
  await writing;
  endWriting();
  const pieces = runs.flatMap((run, at) => (run === 'read' ? [at] : []));
  const between = pieces.slice(1).map((at, index) => at - pieces[index]! - 1);
  assert.ok(
    between.every((steps) => steps >= 2 && steps <= 7),
    `steps of 5 ms between pieces of 25 ms: ${between}`,
  );
});

test('readers take turns by client, then by request', async () => {
  const order: string[] = [];
  const turns = createRunTurns();
  const read = async (client: string, name: string, pieces: number) => {
    const inTurn = turns.forReader(client, never);
    for (let piece = 0; piece < pieces; piece++) {
      await inTurn(async () => {
        order.push(name);
        await sleep(2);
      });
    }
  };
  await Promise.all([read('app', 'a1', 3), read('app', 'a2', 3), read('api', 'b', 3)]);
  assert.deepEqual(order, ['a1', 'b', 'a2', 'b', 'a1', 'b', 'a2', 'a1', 'a2']);
});

test('an abort while waiting rejects with its reason, and nothing of it runs', async () => {
  const runs: string[] = [];
  const turns = createRunTurns();
  const decoder = notedDecoder(runs, 5);
  const control = new AbortController();
  const busy = turns.decode(step(decoder, 1));
  const stopped = turns.decode(step(decoder, 2, { signal: control.signal }));
  const reading = turns.forReader('', control.signal)(async () => runs.push('read'));
  control.abort(new Error('enough'));
  await assert.rejects(stopped, /enough/);
  await assert.rejects(reading, /enough/);
  await busy;
  assert.deepEqual(runs, ['1']);
});

test('a run of many that fails is made for each, and only those that fail alone are told', async () => {
  const runs: string[] = [];
  const turns = createRunTurns();
  const decoder: Decoder = {
    ...notedDecoder(runs),
    runTogether: () => Promise.reject(new Error('no memory for all')),
    async run({ positions }) {
      if (positions[0] === 2) throw new Error('no memory for 2');
      return Float32Array.of(positions[0]!);
    },
  };
  const cuts: number[] = [];
  const results = await Promise.allSettled(
    [1, 2, 3].map((position) =>
      turns.decode(step(decoder, position, { cache: cacheOf(10, null, (length) => cuts.push(length)) })),
    ),
  );
  assert.deepEqual(cuts, [10, 10, 10], 'what the failed run may have added is taken back');
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  await turns.decode(step(decoder, 4)); // and the next comes through
});

test('sequences of one beginning and like length run together; one long page does not size the others', () => {
  const decoder = notedDecoder([]);
  const shared = {};
  const grouped = (caches: KvCache[]) =>
    groupSteps(
      caches.map((cache, position) => step(decoder, position, { cache })),
      (each) => each,
    ).map((group) => group.map(({ position }) => position));
  assert.deepEqual(grouped([cacheOf(100), cacheOf(200), cacheOf(90)]), [[1, 0, 2]]);
  assert.deepEqual(grouped([cacheOf(100), cacheOf(9000), cacheOf(90)]), [[1], [0, 2]]);
  assert.deepEqual(grouped([cacheOf(5), cacheOf(5, shared), cacheOf(6), cacheOf(6, shared)]), [
    [2, 0],
    [3, 1],
  ]);
  const many = grouped(Array.from({ length: 40 }, () => cacheOf(50)));
  assert.ok(many.every((group) => group.length <= 16) && many.flat().length === 40);
});
