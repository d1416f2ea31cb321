import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Tensor } from 'onnxruntime-node';
import { createKvCache, type KvCache, restoreKvCache } from '../../native-models/inference/kv-cache.ts';
import { floatTensor } from '../../native-models/inference/session.ts';

const config = {
  hiddenSize: 32,
  intermediateSize: 32,
  layerCount: 2,
  headCount: 4,
  kvHeadCount: 2,
  headDim: 4,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 1e4,
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

function append(cache: KvCache, tokens: number[]): void {
  const outputs: Record<string, Tensor> = {};
  for (let layer = 0; layer < 2; layer++) {
    outputs[`new_key.${layer}`] = rowsOf(tokens, layer, 1);
    outputs[`new_value.${layer}`] = rowsOf(tokens, layer, -1);
  }
  cache.append(outputs, tokens.length);
}

/** What the decoder graph would see, prefix and visible tail joined, as the tokens it came from. */
function tokensSeen(cache: KvCache): number[] {
  const feeds = cache.feeds();
  const tailLength = Number((feeds.tail_lengths!.data as BigInt64Array)[0]);
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
            const at = (head * tensor.dims[2]! + row) * 4;
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

const capacityOf = (cache: KvCache) => cache.feeds()['tail_key.0']!.dims[2]!;

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
