/** Products of bytes come out exact on this CPU, whichever way its kernels need the weights. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import test from 'node:test';
import * as ort from 'onnxruntime-node';
import { cpuDevice } from '../../native-models/inference/device.ts';
import { multipliesExactly } from '../../native-models/inference/exact-products.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { openSession, runSession } from '../../native-models/inference/session.ts';
import { createGraph } from '../../native-models/onnx/graph.ts';

/** In 16 bits at each pair, as kernels without VNNI add them. */
const inSixteenBits = (sum: number) => Math.max(-32_768, Math.min(32_767, sum));

test('unsigned × signed bytes sum to what whole numbers sum to, also at the largest values', async () => {
  assert.equal(typeof (await multipliesExactly()), 'boolean');
  const [inputs, outputs] = [96, 24];
  const graph = createGraph('products');
  const rows = graph.input('rows', 'uint8', ['count', inputs]);
  const weights = graph.input('weights', 'int8', [inputs, outputs]);
  graph.output('sums', graph.op('MatMulInteger', [rows, weights]), 'int32', ['count', outputs]);
  const session = await openSession(graph.encode(), { folder: tmpdir(), device: cpuDevice, threads: 1 });
  const random = createRandom(5);
  const large = (most: number) => most - Math.floor(random() * 20);
  const second = Int8Array.from({ length: inputs * outputs }, () => large(127));
  let saturated = 0;
  for (const count of [1, 5, 64]) {
    const first = Uint8Array.from({ length: count * inputs }, () => large(255));
    const { sums } = await runSession(session, {
      rows: new ort.Tensor('uint8', first, [count, inputs]),
      weights: new ort.Tensor('int8', second, [inputs, outputs]),
    });
    for (const [place, found] of (sums!.data as Int32Array).entries()) {
      const [row, column] = [Math.floor(place / outputs), place % outputs];
      const product = (at: number) => first[row * inputs + at]! * second[at * outputs + column]!;
      let [exact, sixteen] = [0, 0];
      for (let at = 0; at < inputs; at += 2) {
        exact += product(at) + product(at + 1);
        sixteen += inSixteenBits(product(at) + product(at + 1));
      }
      assert.equal(found, exact, `row ${row} of ${count}, column ${column}`);
      if (sixteen !== exact) saturated++;
    }
  }
  await session.release();
  assert.equal(saturated, 70 * outputs, 'every sum would show saturation (negative control)');
});
