import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { cpuDevice } from '../../native-models/inference/device.ts';
import { floatTensor, openSession } from '../../native-models/inference/session.ts';
import { createGraph } from '../../native-models/onnx/graph.ts';
import { modelProto } from '../../native-models/onnx/schema.ts';

test('a graph with a weight in a data file runs in ONNX Runtime', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'graph-'));
  t.after(() => rm(folder, { recursive: true }));
  const weight = Float32Array.of(1, 2, 3, 4, 5, 6); // [3, 2]
  await writeFile(join(folder, 'w.bin'), Buffer.concat([Buffer.alloc(64), Buffer.from(weight.buffer)]));
  const graph = createGraph('product');
  const x = graph.input('x', 'float32', ['n', 3]);
  const w = graph.initializer('w', {
    file: 'w.bin',
    byteOffset: 64,
    sizeBytes: 24,
    type: 'float32',
    shape: [3, 2],
  });
  graph.output('y', graph.op('MatMul', [x, w]), 'float32', ['n', 2]);
  const session = await openSession(graph.encode(), { folder, device: cpuDevice, threads: 1 });
  const { y } = await session.run({ x: floatTensor(Float32Array.of(1, 0, 1), [1, 3]) });
  assert.deepEqual([...(y!.data as Float32Array)], [6, 8]);
  await session.release();
});

test('attributes, several outputs and left-out inputs are written as ONNX has them', () => {
  const graph = createGraph('attributes');
  const x = graph.input('x', 'float32', [4]);
  const [first] = graph.ops('Split', [x], 2, { axis: 0, num_outputs: 2 });
  const clipped = graph.op('Clip', [first, undefined, graph.constant(Float32Array.of(1), [])]);
  graph.output('y', graph.op('LeakyRelu', [clipped], { alpha: { float: 0.5 } }), 'float32', [2]);
  const model = modelProto.toObject(modelProto.decode(graph.encode()), { longs: Number }) as {
    graph: { node: Record<string, unknown>[] };
  };
  const [split, clip, leaky] = model.graph.node as [
    Record<string, unknown>,
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  assert.equal((split.output as string[]).length, 2);
  assert.equal((clip.input as string[])[1], '');
  assert.deepEqual(leaky.attribute, [{ name: 'alpha', type: 1, f: 0.5 }]);
});

test('a graph ONNX Runtime can’t load is a typed error', async () => {
  const graph = createGraph('broken');
  graph.output('y', graph.op('NoSuchOperator', [graph.input('x', 'float32', [1])]), 'float32', [1]);
  await assert.rejects(openSession(graph.encode(), { folder: '', device: cpuDevice, threads: 1 }), {
    name: 'AppError',
    code: 'model_folder_broken',
  });
});
