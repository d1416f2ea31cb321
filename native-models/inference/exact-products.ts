/** Asks this CPU once whether ONNX Runtime's kernels multiply unsigned bytes by signed ones exactly. */
import * as ort from 'onnxruntime-node';
import { createGraph } from '../onnx/graph.ts';

/** Inputs of the largest products; two of them added in 16 bits would overflow. */
const inputs = 64;
const outputs = 32;
const largest = { activation: 255, weight: 127 };

/** One row has kernels of its own, so both are asked. */
const rowCounts = [1, 8];

let answer: Promise<boolean> | null = null;

/**
 * Without VNNI a CPU's kernels add two products in 16 bits and saturate; ONNX Runtime then has to turn all weights into
 * unsigned ones as it loads them (`session.x64quantprecision`), for kernels that don't. Where the answer is yes that is
 * pure loss: at InternVL3-1B on an AVX512-VNNI machine 3 s of 4.5 s of loading, and a vision layer took 193 ms instead
 * of 114, for the same numbers to the last bit.
 */
export function multipliesExactly(): Promise<boolean> {
  answer ??= measure().catch(() => false);
  return answer;
}

async function measure(): Promise<boolean> {
  const graph = createGraph('products');
  const rows = graph.input('rows', 'uint8', ['count', inputs]);
  const weights = graph.input('weights', 'int8', [inputs, outputs]);
  graph.output('sums', graph.op('MatMulInteger', [rows, weights]), 'int32', ['count', outputs]);
  const session = await ort.InferenceSession.create(graph.encode(), { intraOpNumThreads: 1 });
  try {
    for (const count of rowCounts) if (!(await isExact(session, count))) return false;
    return true;
  } finally {
    await session.release();
  }
}

async function isExact(session: ort.InferenceSession, count: number): Promise<boolean> {
  const activations = new Uint8Array(count * inputs).fill(largest.activation);
  const weights = new Int8Array(inputs * outputs).fill(largest.weight);
  const { sums } = await session.run({
    rows: new ort.Tensor('uint8', activations, [count, inputs]),
    weights: new ort.Tensor('int8', weights, [inputs, outputs]),
  });
  const expected = inputs * largest.activation * largest.weight;
  return (sums!.data as Int32Array).every((sum) => sum === expected);
}
