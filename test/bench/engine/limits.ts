/** What the machine itself can do, measured on the spot: reading memory, and multiplying. */
import * as ort from 'onnxruntime-node';
import { createGraph, type Graph, type Value } from '../../../native-models/onnx/graph.ts';

export interface Limits {
  /** Two threads summing 1 GiB. */
  memoryBytesPerSecond: number;
  /** Multiply-adds × 2 a second of a 1,024 × 4,096 × 4,096 product. */
  fp32OpsPerSecond: number;
  int8OpsPerSecond: number;
}

const [rows, inner, columns] = [1024, 4096, 4096];
const threads = 2;

export async function measureLimits(): Promise<Limits> {
  const gibibyte = 2 ** 30;
  const summed = await bestMs(
    (graph) => {
      const values = graph.input('a', 'float32', ['rows', 4096]);
      graph.output('sum', graph.op('ReduceSum', [values], { keepdims: 0 }), 'float32', []);
    },
    { a: new ort.Tensor('float32', new Float32Array(gibibyte / 4).fill(1), [gibibyte / 4 / 4096, 4096]) },
  );
  const product = (operator: string, type: 'float32' | 'int32', given: [Given, Given]) =>
    bestMs(
      (graph) => {
        const a: Value = graph.input('a', given[0], [rows, inner]);
        const b: Value = graph.input('b', given[1], [inner, columns]);
        graph.output('c', graph.op(operator, [a, b]), type, [rows, columns]);
      },
      { a: filled(given[0], [rows, inner]), b: filled(given[1], [inner, columns]) },
    );
  const operations = 2 * rows * inner * columns * 1000;
  return {
    memoryBytesPerSecond: (gibibyte / summed) * 1000,
    fp32OpsPerSecond: operations / (await product('MatMul', 'float32', ['float32', 'float32'])),
    int8OpsPerSecond: operations / (await product('MatMulInteger', 'int32', ['uint8', 'int8'])),
  };
}

type Given = 'float32' | 'uint8' | 'int8';

function filled(type: Given, dims: [number, number]): ort.Tensor {
  const count = dims[0] * dims[1];
  if (type === 'float32') return new ort.Tensor(type, new Float32Array(count).fill(0.5), dims);
  const bytes = type === 'uint8' ? new Uint8Array(count).fill(129) : new Int8Array(count).fill(3);
  return new ort.Tensor(type, bytes, dims);
}

/** Fastest of five runs: a limit, not a habit. */
async function bestMs(write: (graph: Graph) => void, feeds: Record<string, ort.Tensor>): Promise<number> {
  const graph = createGraph('limit');
  write(graph);
  const session = await ort.InferenceSession.create(graph.encode(), { intraOpNumThreads: threads });
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 6; run++) {
    const startedMs = performance.now();
    await session.run(feeds);
    if (run > 0) best = Math.min(best, performance.now() - startedMs);
  }
  await session.release();
  return best;
}
