/** Who may begin, who waits, and what is kept between turns. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { KvCache } from '../../native-models/inference/kv-cache.ts';
import type { SequenceKey } from '../../native-models/inference/sequence.ts';
import { createSequencePool, type WaitingEvent } from '../../native-models/inference/sequence-pool.ts';

/** A cache that only counts. */
function countingCache(): KvCache {
  const cache = {
    length: 0,
    reserve() {},
    release() {},
    truncate(length: number) {
      cache.length = Math.min(cache.length, length);
    },
  };
  return cache as unknown as KvCache;
}

const keyOf = (...ids: number[]): SequenceKey => ({
  ids,
  positions: [...ids.keys()],
  pictures: ids.map(() => ''),
  said: ids.map(() => false),
});
const pool = (limits: Partial<Parameters<typeof createSequencePool>[1]> = {}) =>
  createSequencePool(
    { createCache: countingCache },
    { tokens: 100, requests: 8, reportEveryMs: 5000, ...limits },
  );
const never = new AbortController().signal;

/** Begins, and notes when it may. */
async function begin(
  { admit }: ReturnType<typeof pool>,
  tokens: number,
  { client = '', signal = never, onWait = (_: WaitingEvent) => {} } = {},
): Promise<() => void> {
  const waiting = admit(tokens, { client, signal });
  for (;;) {
    const step = await waiting.next();
    if (step.done) return step.value;
    onWait(step.value);
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('what fits begins at once; what does not waits until there is room, and is told so', async () => {
  const sequences = pool();
  const first = await begin(sequences, 60);
  const second = await begin(sequences, 40);
  const told: WaitingEvent[] = [];
  let began = false;
  const third = begin(sequences, 50, { onWait: (event) => told.push(event) }).then((giveBack) => {
    began = true;
    return giveBack;
  });
  await settle();
  assert.deepEqual([began, told], [false, [{ type: 'waiting', ahead: 2 }]]);
  second();
  await settle();
  assert.equal(began, false, '60 and 50 are more than 100');
  first();
  (await third)();
});

test('one alone begins however much it needs, and a small one does not overtake it', async () => {
  const sequences = pool();
  const small = await begin(sequences, 10);
  const order: string[] = [];
  const noted = async (name: string, tokens: number) => {
    const giveBack = await begin(sequences, tokens);
    order.push(name);
    return giveBack;
  };
  const vast = noted('vast', 1000);
  const late = noted('late', 10);
  await settle();
  assert.deepEqual(order, []);
  small();
  (await vast)();
  (await late)();
  assert.deepEqual(order, ['vast', 'late']);
});

test('clients take turns: one with many requests does not keep another’s only one waiting', async () => {
  const sequences = pool({ requests: 1 });
  const running = await begin(sequences, 1, { client: 'busy' });
  const order: string[] = [];
  const all = ['busy', 'busy', 'busy', 'calm'].map((client) =>
    begin(sequences, 1, { client }).then(async (giveBack) => {
      order.push(client);
      await settle();
      giveBack();
    }),
  );
  await settle();
  running();
  await Promise.all(all);
  assert.deepEqual(order, ['calm', 'busy', 'busy', 'busy']);
});

test('an abort while waiting rejects with its reason and frees the place', async () => {
  const sequences = pool({ requests: 1 });
  const running = await begin(sequences, 1);
  const control = new AbortController();
  const stopped = begin(sequences, 1, { signal: control.signal });
  const next = begin(sequences, 1);
  await settle();
  control.abort(new Error('enough'));
  await assert.rejects(stopped, /enough/);
  running();
  (await next)();
});

test('who waits long is told again and again', async () => {
  const sequences = pool({ requests: 1, reportEveryMs: 10 });
  const running = await begin(sequences, 1);
  let told = 0;
  const waiting = begin(sequences, 1, { onWait: () => ++told === 3 && running() });
  (await waiting)();
  assert.ok(told >= 3);
});

test('a prompt goes on from the kept sequence that shares most with it, and reads its last token again', () => {
  const sequences = pool();
  const keep = (...ids: number[]) => {
    const sequence = sequences.take(keyOf(...ids));
    Object.assign(sequence, { key: keyOf(...ids) });
    Object.assign(sequence.cache, { length: ids.length });
    sequences.keep(sequence);
    return sequence;
  };
  const one = keep(1, 2, 3, 4, 5, 6);
  const other = keep(9, 8, 7, 6);
  assert.equal(sequences.kept.length, 2);
  const taken = sequences.take(keyOf(1, 2, 3, 4, 40, 41));
  assert.equal(taken, one);
  assert.deepEqual([taken.cache.length, taken.key.ids], [4, [1, 2, 3, 4]]);
  const same = sequences.take(keyOf(9, 8, 7, 6));
  assert.equal(same, other);
  assert.equal(same.cache.length, 3);
  assert.equal(sequences.kept.length, 0);
});

test('a long conversation is not given up for its first few tokens, and what is kept stays within the limit', () => {
  const sequences = pool({ tokens: 25 });
  const keep = (ids: number[]) => {
    const sequence = sequences.take(keyOf(...ids));
    Object.assign(sequence, { key: keyOf(...ids) });
    Object.assign(sequence.cache, { length: ids.length });
    sequences.keep(sequence);
    return sequence;
  };
  const range = (from: number) => Array.from({ length: 10 }, (_, i) => (i === 0 ? 1 : from + i));
  const long = keep(range(100));
  const fresh = sequences.take(keyOf(1, 2, 3));
  assert.notEqual(fresh, long);
  assert.equal(fresh.cache.length, 0);
  keep(range(200));
  keep(range(300));
  assert.equal(sequences.kept.length, 2, 'three times ten tokens are more than 25');
  assert.ok(!sequences.kept.includes(long), 'the longest unused is forgotten');
});
