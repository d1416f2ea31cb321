import assert from 'node:assert/strict';
import test from 'node:test';
import { createRandom } from '../../native-models/inference/random.ts';
import {
  createInt4Matrix,
  dequantiseInt4,
  quantiseRowsInt4,
} from '../../native-models/weights/quantise-int4.ts';
import { createInt8Matrix, quantiseRowsInt8 } from '../../native-models/weights/quantise-int8.ts';

/** Normal numbers by the Box–Muller transform. */
function normalValues(count: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

const squaredError = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);

test('int8 keeps every weight within half a step of its channel, transposed', () => {
  const [inputs, outputs] = [48, 5];
  const rows = normalValues(inputs * outputs, 1);
  const matrix = createInt8Matrix(inputs, outputs);
  quantiseRowsInt8(matrix, rows.subarray(0, 2 * inputs), { firstRow: 0, inputs });
  quantiseRowsInt8(matrix, rows.subarray(2 * inputs), { firstRow: 2, inputs });
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      const scale = matrix.scales[output]!;
      const restored = matrix.values[input * outputs + output]! * scale;
      assert.ok(Math.abs(restored - rows[output * inputs + input]!) <= scale / 2 + 1e-7);
    }
  }
});

test('int4 with the chosen scale has a tenth less squared error than with the plain maximum, or better', () => {
  const inputs = 256;
  const rows = normalValues(inputs * 64, 2);
  const matrix = createInt4Matrix(inputs, 64);
  quantiseRowsInt4(matrix, rows, { firstRow: 0, inputs });
  const plain = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += 32) {
    const block = rows.subarray(start, start + 32);
    const scale = block.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0) / 7;
    for (let i = 0; i < 32; i++)
      plain[start + i] = Math.max(-8, Math.min(7, Math.round(block[i]! / scale))) * scale;
  }
  const ratio = squaredError(rows, dequantiseInt4(matrix)) / squaredError(rows, plain);
  assert.ok(ratio < 0.9, `squared error is ${ratio.toFixed(3)} of the plain one`);
});

test('int4 rows that arrive in blocks come out as rows that arrive at once', () => {
  const inputs = 64;
  const rows = normalValues(inputs * 6, 3);
  const once = createInt4Matrix(inputs, 6);
  quantiseRowsInt4(once, rows, { firstRow: 0, inputs });
  const blocks = createInt4Matrix(inputs, 6);
  quantiseRowsInt4(blocks, rows.subarray(0, inputs * 2), { firstRow: 0, inputs });
  quantiseRowsInt4(blocks, rows.subarray(inputs * 2), { firstRow: 2, inputs });
  assert.deepEqual(blocks, once);
});

test('a block of zeros stays zero, an outlier alone keeps its value', () => {
  const rows = new Float32Array(64);
  rows[40] = -1000;
  const matrix = createInt4Matrix(64, 1);
  quantiseRowsInt4(matrix, rows, { firstRow: 0, inputs: 64 });
  const restored = dequantiseInt4(matrix);
  assert.ok(restored.subarray(0, 32).every((value) => value === 0));
  assert.ok(Math.abs(restored[40]! + 1000) < 1e-3);
});
