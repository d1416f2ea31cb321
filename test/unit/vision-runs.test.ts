import assert from 'node:assert/strict';
import test from 'node:test';
import { planRuns } from '../../native-models/inference/vision-encoder.ts';

const internVit300m = {
  hiddenSize: 1024,
  intermediateSize: 4096,
  layerCount: 24,
  headCount: 16,
  imageSize: 448,
  patchSize: 14,
  norm: 'layer',
  layerNormEpsilon: 1e-6,
  queryKeyNorm: false,
  qkvBias: true,
} as const;

test('the full-size encoder runs in groups of layers, every layer once and in order, one tile at a time', () => {
  const { groups, tileBatch } = planRuns(internVit300m);
  const layers = groups.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i));
  assert.deepEqual(
    layers,
    Array.from({ length: 24 }, (_, layer) => layer),
  );
  assert.equal(tileBatch, 1);
  // 30 GFLOP a layer; two busy cores do 100 GFLOPS: a run ends within 400 ms.
  assert.ok(Math.max(...groups.map(({ first, end }) => (end - first) * 302)) < 400);
});

test('a small encoder takes all layers and several tiles in one run', () => {
  const small = { ...internVit300m, hiddenSize: 192, intermediateSize: 768, layerCount: 5, imageSize: 112 };
  const { groups, tileBatch } = planRuns(small);
  assert.deepEqual(groups, [{ first: 0, end: 5 }]);
  assert.equal(tileBatch, 16);
});
