/** One layer of each network at full width in ONNX Runtime, for all seven sizes: minutes, and 2 GB of memory. */
import test from 'node:test';
import { familyShapes } from '../support/family-shapes.ts';
import { runDecoderLayer, runVisionLayer } from '../support/run-family-layer.ts';

for (const shape of familyShapes) {
  test(`${shape.size}: a vision layer and the projector run at full width`, (t) => runVisionLayer(t, shape));
  test(`${shape.size}: a decoder layer runs at full width, with and without a cache`, (t) =>
    runDecoderLayer(t, shape));
}
