import assert from 'node:assert/strict';
import test from 'node:test';
import { measuredConfig } from '../../native-models/inference/device-table.ts';
import { planRuns } from '../../native-models/inference/vision-encoder.ts';

for (const [pace, layerMs] of [
  ['int8', 70],
  ['float', 250],
] as const)
  test(`${pace}: the full-size encoder runs in groups of layers, every layer once and in order, one tile at a time`, () => {
    const { groups, tileBatch } = planRuns(measuredConfig.vision, pace);
    const layers = groups.flatMap(({ first, end }) =>
      Array.from({ length: end - first }, (_, i) => first + i),
    );
    assert.deepEqual(
      layers,
      Array.from({ length: 24 }, (_, layer) => layer),
    );
    assert.equal(tileBatch, 1);
    // As two quiet cores do them: a run ends within 400 ms.
    assert.ok(Math.max(...groups.map(({ first, end }) => (end - first) * layerMs)) < 400);
  });

test('a small encoder takes all layers and several tiles in one run', () => {
  const small = {
    ...measuredConfig.vision,
    hiddenSize: 192,
    intermediateSize: 768,
    layerCount: 5,
    imageSize: 112,
  };
  const { groups, tileBatch } = planRuns(small, 'int8');
  assert.deepEqual(groups, [{ first: 0, end: 5 }]);
  assert.equal(tileBatch, 16);
});
