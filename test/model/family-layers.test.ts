/** One layer of each network at full width in ONNX Runtime: the two smallest sizes; test/heavy has all seven. */
import test from 'node:test';
import { familyShapes } from '../support/family-shapes.ts';
import { runDecoderLayer, runVisionLayer } from '../support/run-family-layer.ts';

for (const shape of familyShapes.slice(0, 2)) {
  test(`${shape.size}: a vision layer and the projector run at full width`, (t) => runVisionLayer(t, shape));
  test(`${shape.size}: a decoder layer runs at full width, with and without a cache`, (t) =>
    runDecoderLayer(t, shape));
}
