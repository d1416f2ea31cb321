/** The graphs that GPUs get, run by the CPU's kernels: fp16 and fused attention, which no adapter here can show. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Tensor } from 'onnxruntime-node';
import { writeDecoder } from '../../native-models/architectures/decoder.ts';
import type { GpuTarget } from '../../native-models/architectures/gpu-layers.ts';
import { openDecoder } from '../../native-models/inference/decoder.ts';
import {
  floatTensor,
  integerTensor,
  openSession,
  runSession,
} from '../../native-models/inference/session.ts';
import { createGraph } from '../../native-models/onnx/graph.ts';
import { convertForDevices, cpu } from '../support/device-parts.ts';
import { goldenFolder, likeliest, relativeError } from '../support/golden-cases.ts';

const checkpoint = join(goldenFolder, 'checkpoints', 'g7-d64-t112-bf16');
const rows = 40;

for (const half of [false, true])
  for (const precision of ['fp32', 'int8', 'int4'] as const)
    test(`${precision} weights, ${half ? 'fp16' : 'fp32'} products, fused attention: the CPU’s logits`, async (t) => {
      const folder = await convertForDevices(t, checkpoint, precision);
      const { config: model, tensors } = folder.manifest;
      const config = model.decoder;
      const layers = { first: 0, end: config.layerCount };
      const gpu: GpuTarget = { half, fusedAttention: true, eightBitProducts: true, keepsCache: true };
      const graph = createGraph('decoder for a GPU');
      writeDecoder({ graph, tensors: new Map(Object.entries(tensors)), gpu }, config, layers);
      const session = await openSession(graph.encode(), { ...cpu, folder: folder.path });
      t.after(() => session.release());

      const hidden = Float32Array.from({ length: rows * config.hiddenSize }, (_, i) => Math.cos(0.7 * i));
      const positions = Float32Array.from({ length: rows }, (_, i) => i);
      const width = config.headDim / 2;
      const angles = Float32Array.from(
        { length: rows * width },
        (_, i) => Math.floor(i / width) * config.ropeTheta ** ((-2 * (i % width)) / config.headDim),
      );
      const dims = [1, config.kvHeadCount, 0, config.headDim];
      const past: Record<string, Tensor> = {};
      for (let layer = 0; layer < config.layerCount; layer++)
        for (const part of ['key', 'value'])
          past[`past_${part}.${layer}`] = half
            ? new Tensor('float16', new Uint16Array(0), dims)
            : floatTensor(new Float32Array(0), dims);
      const outputs = await runSession(session, {
        ...past,
        hidden: floatTensor(hidden, [1, rows, config.hiddenSize]),
        cos: floatTensor(angles.map(Math.cos), [rows, width]),
        sin: floatTensor(angles.map(Math.sin), [rows, width]),
        last_row: new Tensor('int32', Int32Array.of(rows - 1), [1]),
        length: new Tensor('int32', Int32Array.of(rows), [1]),
        logit_rows: integerTensor([rows - 1]),
      });
      assert.equal(outputs['present_key.0']!.type, half ? 'float16' : 'float32');
      assert.deepEqual(outputs['present_key.0']!.dims, [1, config.kvHeadCount, rows, config.headDim]);

      const decoder = await openDecoder(folder, cpu);
      t.after(decoder.close);
      const step = { hidden, positions, cache: decoder.createCache(), logitRows: [rows - 1] };
      const expected = await decoder.run(step);
      // A 4-bit lm_head weighs only its likeliest tokens again on the CPU; a GPU reads all of it in 8 bits.
      const heard = precision === 'int4' ? likeliest(expected, 64) : [...expected.keys()];
      const pick = (logits: Float32Array) => Float32Array.from(heard, (id) => logits[id]!);
      const error = relativeError(pick(outputs.logits!.data as Float32Array), pick(expected));
      // The CPU rounds activations to int8 where weights are integers; a GPU does not.
      const limit = precision === 'fp32' ? (half ? 1e-2 : 1e-5) : 5e-2;
      assert.ok(error < limit, `${error}`);
    });
