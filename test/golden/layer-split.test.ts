/** The split of layers over devices against the model card's rule (native-models/reference/layer_split_goldens.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { planLayers } from '../../native-models/inference/layer-plan.ts';
import { familyShapes } from '../support/family-shapes.ts';

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'layer-split.json'), 'utf8')) as {
  size: string;
  layers: number;
  devices: number;
  deviceOfLayer: number[];
}[];

test('every size of the family on one to eight devices is split as the model card does', () => {
  assert.equal(golden.length, familyShapes.length * 8);
  for (const { size, layers, devices, deviceOfLayer } of golden) {
    assert.equal(layers, familyShapes.find((shape) => shape.size === size)!.config.decoder.layerCount, size);
    const planned = planLayers(layers, devices).flatMap(({ device, layers: { first, end } }) =>
      new Array<number>(end - first).fill(device),
    );
    assert.deepEqual(planned, deviceOfLayer, `${size} on ${devices}`);
  }
});

test('stages follow each other without a gap, and neighbours are on different devices', () => {
  for (const { layers, devices } of golden) {
    const stages = planLayers(layers, devices);
    for (const [index, { device, layers: range }] of stages.entries()) {
      assert.equal(range.first, index === 0 ? 0 : stages[index - 1]!.layers.end);
      assert.ok(range.end > range.first);
      assert.notEqual(device, stages[index - 1]?.device);
    }
    assert.equal(stages.at(-1)!.layers.end, layers);
  }
});
