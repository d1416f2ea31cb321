/** The language model on a GPU that keeps its own keys and values: one sequence a run, nothing of the past crosses the bus. */
import { Tensor } from 'onnxruntime-node';
import { writeDecoder } from '../architectures/decoder.ts';
import type { GpuTarget } from '../architectures/gpu-layers.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { LayerRange } from '../architectures/parameters.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import { createGraph } from '../onnx/graph.ts';
import type { Decoder, DecoderStep } from './decoder.ts';
import type { KvCache } from './kv-cache.ts';
import { createDeviceCache, type DeviceKvCache } from './kv-device-cache.ts';
import { createDeviceCopies } from './kv-device-copies.ts';
import { runOneByOne } from './one-by-one.ts';
import { floatTensor, integerTensor, openSession, runSession, type SessionOptions } from './session.ts';

/**
 * Opens the decoder, or the stage of it in `layers`. Sequences that decode together run one after the other: a growing
 * cache has no room for neighbours, and ONNX Runtime's `run` blocks its thread, so the GPU has one queue anyway.
 * @throws AppError as `openSession`
 */
export async function openDeviceDecoder(
  folder: ModelFolder,
  { layers, gpu, ...options }: Omit<SessionOptions, 'folder'> & { layers: LayerRange; gpu: GpuTarget },
): Promise<Decoder> {
  const { manifest } = folder;
  const config = manifest.config.decoder;
  const isLast = layers.end === config.layerCount;
  const graph = createGraph('decoder');
  writeDecoder({ graph, tensors: new Map(Object.entries(manifest.tensors)), gpu }, config, layers);
  const presents: string[] = [];
  for (let layer = layers.first; layer < layers.end; layer++)
    presents.push(`present_key.${layer}`, `present_value.${layer}`);
  const session = await openSession(graph.encode(), {
    ...options,
    folder: folder.path,
    outputsOnDevice: presents,
  });
  const copies = createDeviceCopies({ config, layers, half: gpu.half, session: options });

  async function run({ hidden, positions, cache, logitRows }: DecoderStep): Promise<Float32Array> {
    const count = positions.length;
    const own = deviceCache(cache);
    const outputs = await runSession(session, {
      ...(await own.past()),
      ...stepFeeds(config, positions, { held: own.length, gpu }),
      hidden: floatTensor(hidden, [1, count, config.hiddenSize]),
      ...(isLast && { logit_rows: integerTensor(logitRows.length > 0 ? logitRows : [0]) }),
    });
    own.take(outputs, count);
    if (!isLast) return outputs.states!.data as Float32Array;
    return logitRows.length === 0 ? new Float32Array(0) : (outputs.logits!.data as Float32Array);
  }

  return {
    config,
    createCache: (start) => createDeviceCache(copies, start),
    run,
    read: (step) => run({ ...step, logitRows: [] }),
    runTogether: (steps) => runOneByOne(run, steps),
    async close() {
      await copies.close();
      await session.release();
    },
  };
}

/** A decoder is given only caches of its own `createCache`. */
function deviceCache(cache: KvCache): DeviceKvCache {
  return cache as DeviceKvCache;
}

/** Where the new tokens stand and what they see, computed here in the way of the CPU's graph: fp32 angles. */
function stepFeeds(
  { headCount, kvHeadCount, headDim, ropeTheta, ropeFactor }: DecoderConfig,
  positions: Float32Array,
  { held, gpu }: { held: number; gpu: GpuTarget },
): Record<string, Tensor> {
  const count = positions.length;
  const width = headDim / 2;
  const cos = new Float32Array(count * width);
  const sin = new Float32Array(count * width);
  for (let i = 0; i < width; i++) {
    const frequency = Math.fround(1 / ropeFactor / ropeTheta ** ((2 * i) / headDim));
    for (let row = 0; row < count; row++) {
      const angle = Math.fround(positions[row]! * frequency);
      cos[row * width + i] = Math.cos(angle);
      sin[row * width + i] = Math.sin(angle);
    }
  }
  const length = held + count;
  const group = headCount / kvHeadCount;
  return {
    cos: floatTensor(cos, [count, width]),
    sin: floatTensor(sin, [count, width]),
    ...(gpu.fusedAttention
      ? {
          last_row: new Tensor('int32', Int32Array.of(length - 1), [1]),
          length: new Tensor('int32', Int32Array.of(length), [1]),
        }
      : {
          // One row for each query head of a group, as attention lays them.
          rows: floatTensor(
            Float32Array.from({ length: group * count }, (_, row) => held + (row % count)),
            [group * count, 1],
          ),
          columns: floatTensor(
            Float32Array.from({ length }, (_, column) => column),
            [length],
          ),
        }),
  };
}
