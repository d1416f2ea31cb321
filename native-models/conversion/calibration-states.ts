/** Runs a short text through the converted decoder layers, a few at a time, for measurements that need real hidden states. */

import { tokenTableSource, writeDecoder } from '../architectures/decoder.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import { cpuDevice } from '../inference/device.ts';
import { createKvCache } from '../inference/kv-cache.ts';
import { floatTensor, openSession } from '../inference/session.ts';
import { createGraph } from '../onnx/graph.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { int4BlockSize } from '../weights/quantise-int4.ts';
import type { FloatSource } from './float-source.ts';
import type { StoredTensor } from './model-manifest.ts';

/** Prose, numbers, code and Chinese in a few dozen tokens: what documents are made of. */
const calibrationText =
  'Invoice no. 2041, 3 May 2024. The total of 1,284.50 EUR is due within 30 days; please quote the number above. ' +
  '{"item": "paper, A4", "quantity": 12, "price": 4.25} 本发票总金额为一千二百八十四元。 The chart shows that sales rose in spring ' +
  'and fell again by 7 % in autumn, while costs stayed the same.';

/** Layers loaded at once: peak memory stays near this many layers whatever the model's size. */
const layersPerStage = 4;

/** Final hidden states of the calibration text after the last norm, [positions, hidden]; the signal's reason after an abort. */
export async function calibrationStates(job: {
  folder: string;
  tensors: Record<string, StoredTensor>;
  source: FloatSource;
  tokenizer: Tokenizer;
  config: DecoderConfig;
  signal: AbortSignal;
}): Promise<Float32Array> {
  const { config } = job;
  const ids = job.tokenizer.encodeText(calibrationText).slice(0, 3 * int4BlockSize);
  let states = await embed(job.source, ids, config);
  const tensors = new Map(Object.entries(job.tensors));
  for (let first = 0; first < config.layerCount; first += layersPerStage) {
    job.signal.throwIfAborted();
    const layers = { first, end: Math.min(config.layerCount, first + layersPerStage) };
    const graph = createGraph('calibration stage');
    writeDecoder({ graph, tensors }, config, layers);
    const session = await openSession(graph.encode(), { folder: job.folder, device: cpuDevice, threads: 0 });
    try {
      const outputs = await session.run(
        {
          ...createKvCache(config, layers).feeds(),
          hidden: floatTensor(states, [1, ids.length, config.hiddenSize]),
          positions: floatTensor(Float32Array.from(ids.keys()), [1, ids.length]),
        },
        ['states'],
      );
      states = outputs.states!.data as Float32Array;
    } finally {
      await session.release();
    }
  }
  return normed(states, await job.source.read('norm.weight', [config.hiddenSize]), config.rmsNormEpsilon);
}

async function embed(source: FloatSource, ids: number[], config: DecoderConfig): Promise<Float32Array> {
  const { hiddenSize: hidden, vocabularySize: vocabulary } = config;
  const states = new Float32Array(ids.length * hidden);
  for (const [index, id] of ids.entries()) {
    states.set(
      await source.readRows(tokenTableSource(config), [vocabulary, hidden], { first: id, count: 1 }),
      index * hidden,
    );
  }
  return states;
}

function normed(states: Float32Array, weight: Float32Array, epsilon: number): Float32Array {
  const width = weight.length;
  const out = new Float32Array(states.length);
  for (let start = 0; start < states.length; start += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += states[start + i]! ** 2;
    const inverse = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) out[start + i] = states[start + i]! * inverse * weight[i]!;
  }
  return out;
}
