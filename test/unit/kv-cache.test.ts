import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Tensor } from 'onnxruntime-node';
import {
  createKvCache,
  type HostKvCache,
  joinCaches,
  restoreKvCache,
} from '../../native-models/inference/kv-cache.ts';
import { floatTensor } from '../../native-models/inference/session.ts';

const config = {
  architecture: 'qwen2' as const,
  hiddenSize: 32,
  intermediateSize: 32,
  layerCount: 2,
  headCount: 4,
  kvHeadCount: 2,
  headDim: 4,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 1e4,
  ropeFactor: 1,
  attentionBias: true,
  vocabularySize: 10,
  tiedEmbeddings: true,
  contextLength: 4096,
};
const layers = { first: 0, end: 2 };

/** Rows whose numbers tell token, layer, head and channel, so that any mix-up shows. */
function rowsOf(tokens: number[], layer: number, sign: number): Tensor {
  const values: number[] = [];
  for (let head = 0; head < 2; head++) {
    for (const token of tokens)
      for (let i = 0; i < 4; i++) values.push(sign * (token * 100 + layer * 20 + head * 10 + i));
  }
  return floatTensor(Float32Array.from(values), [1, 2, tokens.length, 4]);
}

function append(cache: HostKvCache, tokens: number[]): void {
  const outputs: Record<string, Tensor> = {};
  for (let layer = 0; layer < 2; layer++) {
    outputs[`new_key.${layer}`] = rowsOf(tokens, layer, 1);
    outputs[`new_value.${layer}`] = rowsOf(tokens, layer, -1);
  }
  cache.append(outputs, tokens.length);
}

/** What the decoder graph would see, prefix and visible tail joined, as the tokens it came from. */
function tokensSeen(cache: HostKvCache): number[] {
  return tokensIn(cache.feeds(), 0);
}

/** The same of one row of a run of several. */
function tokensIn(feeds: Readonly<Record<string, Tensor>>, batchRow: number): number[] {
  const tailLength = Number((feeds.tail_lengths!.data as BigInt64Array)[batchRow]);
  const tokens: number[][] = [];
  for (let layer = 0; layer < 2; layer++) {
    for (const [kind, sign] of [
      ['key', 1],
      ['value', -1],
    ] as const) {
      for (let head = 0; head < 2; head++) {
        const seen: number[] = [];
        for (const [part, length] of [
          ['prefix', null],
          ['tail', tailLength],
        ] as const) {
          const tensor = feeds[`${part}_${kind}.${layer}`]!;
          const rows = length ?? tensor.dims[2]!;
          for (let row = 0; row < rows; row++) {
            const place = part === 'tail' ? batchRow * 2 + head : head;
            const at = (place * tensor.dims[2]! + row) * 4;
            seen.push((sign * (tensor.data as Float32Array)[at]! - layer * 20 - head * 10) / 100);
          }
        }
        tokens.push(seen);
      }
    }
  }
  for (const other of tokens) assert.deepEqual(other, tokens[0]);
  return tokens[0]!;
}

test('append, truncate, fork, snapshot and restore keep exactly the tokens of a plain list', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ kind: fc.constant('truncate' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({
      kind: fc.constantFrom('fork' as const, 'restore' as const, 'reserve' as const, 'shrink' as const),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      let cache = createKvCache(config, layers);
      let model: number[] = [];
      let next = 1;
      for (const action of steps) {
        if (action.kind === 'append') {
          const tokens = Array.from({ length: action.count }, () => next++);
          append(cache, tokens);
          model = [...model, ...tokens];
        } else if (action.kind === 'truncate') {
          model = model.slice(0, Math.floor(model.length * action.share));
          cache.truncate(model.length);
        } else if (action.kind === 'fork') {
          const branch = cache.fork();
          append(branch, [9999]);
          assert.deepEqual(tokensSeen(branch), [...model, 9999]);
        } else if (action.kind === 'restore') cache = restoreKvCache(config, layers, cache.snapshot());
        else if (action.kind === 'reserve') cache.reserve(model.length + 100);
        else cache.reserve(0);
        assert.equal(cache.length, model.length);
        assert.deepEqual(tokensSeen(cache), model);
      }
    }),
    { seed: 5, numRuns: 60 },
  );
});

test('caches that join, leave and go on alone keep exactly their tokens, side by side and apart', () => {
  const action = fc.record({
    members: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 5 }),
    kind: fc.constantFrom(
      'join' as const,
      'join' as const,
      'alone' as const,
      'cut' as const,
      'shrink' as const,
    ),
    count: fc.integer({ min: 1, max: 200 }),
  });
  fc.assert(
    fc.property(fc.boolean(), fc.array(action, { maxLength: 12 }), (isForked, actions) => {
      const origin = createKvCache(config, layers);
      if (isForked) append(origin, [1, 2, 3]);
      const caches = Array.from({ length: 5 }, () =>
        isForked ? origin.fork() : createKvCache(config, layers),
      );
      const models = caches.map(() => (isForked ? [1, 2, 3] : []) as number[]);
      const least = isForked ? 3 : 0;
      let next = 10;
      for (const { members, kind, count } of actions) {
        if (kind === 'join') {
          const joined = joinCaches(members.map((index) => caches[index]!));
          const order = joined.caches.map((cache) => caches.indexOf(cache));
          for (const [row, index] of order.entries()) {
            assert.deepEqual(tokensIn(joined.feeds, row), models[index]);
            models[index]!.push(next + row);
          }
          joined.append(rowsTogether(order.map((_, row) => next + row)));
          next += order.length;
        } else {
          const [index] = members as [number];
          if (kind === 'alone') {
            const tokens = Array.from({ length: count }, () => next++);
            append(caches[index]!, tokens);
            models[index]!.push(...tokens);
          } else if (kind === 'cut') {
            models[index]!.length = Math.max(least, models[index]!.length - count);
            caches[index]!.truncate(models[index]!.length);
          } else caches[index]!.reserve(0);
        }
        for (const [index, cache] of caches.entries()) assert.deepEqual(tokensSeen(cache), models[index]);
      }
    }),
    { seed: 11, numRuns: 150 },
  );
});

/** One new row for each of several caches, [caches, kvHeads, 1, headDim]. */
function rowsTogether(tokens: number[]): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = {};
  for (let layer = 0; layer < 2; layer++) {
    for (const [name, sign] of [
      ['new_key', 1],
      ['new_value', -1],
    ] as const) {
      const rows = tokens.flatMap((token) => Array.from(rowsOf([token], layer, sign).data as Float32Array));
      outputs[`${name}.${layer}`] = floatTensor(Float32Array.from(rows), [tokens.length, 2, 1, 4]);
    }
  }
  return outputs;
}

test('a fork and its origin never see each other’s later tokens', () => {
  const origin = createKvCache(config, layers);
  append(origin, [1, 2, 3]);
  const branch = origin.fork();
  append(origin, [4]);
  append(branch, [5, 6]);
  branch.truncate(2);
  assert.deepEqual(tokensSeen(origin), [1, 2, 3, 4]);
  assert.deepEqual(tokensSeen(branch), [1, 2]);
});

const capacityOf = (cache: HostKvCache) => cache.feeds()['tail_key.0']!.dims[2]!;

test('a short prompt after a long one gives the long one’s memory back, and keeps its tokens bit by bit', () => {
  const cache = createKvCache(config, layers);
  const tokens = Array.from({ length: 300 }, (_, i) => i + 1);
  cache.reserve(5000);
  append(cache, tokens);
  assert.equal(capacityOf(cache), 5120);
  const before = cache.snapshot();
  cache.reserve(400);
  assert.equal(capacityOf(cache), 512);
  assert.deepEqual(cache.snapshot(), before);
  append(cache, [301]);
  assert.deepEqual(tokensSeen(cache), [...tokens, 301]);
  cache.reserve(0);
  assert.equal(capacityOf(cache), 512, 'never below what is held');
});

test('room for up to twice the need is kept, so that turns of like length don’t copy back and forth', () => {
  const cache = createKvCache(config, layers);
  cache.reserve(1000);
  cache.reserve(512);
  assert.equal(capacityOf(cache), 1024);
  cache.reserve(511);
  assert.equal(capacityOf(cache), 1024);
  cache.reserve(200);
  assert.equal(capacityOf(cache), 256);
});

test('what memory can’t hold is a typed error that leaves the tokens as they were', () => {
  const cache = createKvCache(config, layers);
  append(cache, [1, 2, 3]);
  const before = cache.snapshot();
  assert.throws(() => cache.reserve(2 ** 45), { code: 'out_of_memory', message: /memory.*conversation/ });
  assert.deepEqual(cache.snapshot(), before);
  append(cache, [4]);
  assert.deepEqual(tokensSeen(cache), [1, 2, 3, 4]);
});
