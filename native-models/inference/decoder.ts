/** The language model over KV caches: embeddings in, logits out, for a stretch of one sequence or a token of many. */

import type { InferenceSession } from 'onnxruntime-node';
import { writeDecoder } from '../architectures/decoder.ts';
import type { StoredTensors } from '../architectures/layers.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { LayerRange } from '../architectures/parameters.ts';
import { readingTensors, writeReadingDecoder } from '../architectures/reading-decoder.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import { createGraph } from '../onnx/graph.ts';
import { openDeviceDecoder } from './device-decoder.ts';
import { openExportedDecoder } from './exported-decoder.ts';
import { gpuTargetOf } from './gpu-target.ts';
import {
  createKvCache,
  hostCache,
  joinCaches,
  type KvCache,
  type KvSnapshot,
  restoreKvCache,
} from './kv-cache.ts';
import { floatTensor, integerTensor, openSession, runSession, type SessionOptions } from './session.ts';

/** One run of one sequence: a chunk of the prompt, or one new token. */
export interface ReadingStep {
  /** [new, hidden] */
  hidden: Float32Array;
  /** [new], in token steps; fractions under V2PE. */
  positions: Float32Array;
  cache: KvCache;
}

/** The same where it is heard. */
export interface DecoderStep extends ReadingStep {
  /** Rows of this step whose logits are wanted; lm_head runs on these alone. */
  logitRows: readonly number[];
}

/** One new token of a sequence. */
export interface TokenStep {
  /** [hidden] */
  hidden: Float32Array;
  position: number;
  cache: KvCache;
}

/** Asked where no logits are wanted: MatMulInteger fails on zero rows, and one row costs 1 % of a chunk. */
const unwantedRow = [0];

export interface Decoder {
  readonly config: DecoderConfig;
  /** An empty cache, or one that begins with a snapshot's tokens. */
  createCache(start?: KvSnapshot): KvCache;
  /** Appends the step's keys and values to the cache and gives logits [logitRows, vocabulary]. Blocks its thread. */
  run(step: DecoderStep): Promise<Float32Array>;
  /**
   * The same without logits, by the weights for reading where the model folder has them: a prompt's tokens. Keys and
   * values then differ in their last bits from those of `run`, so who reads which token is part of a sequence's key.
   * Gives hidden states [new, hidden] before the last stage, nothing [0] in it. Blocks its thread.
   */
  read(step: ReadingStep): Promise<Float32Array>;
  /**
   * One token of each of several sequences that share a prefix, or have none: the weights are read once for all.
   * Gives logits [vocabulary] for each step, as `run` would up to the order of sums. Blocks its thread.
   */
  runTogether(steps: readonly TokenStep[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/**
 * Builds the decoder's graph for a model folder and opens its session.
 * @param layers of one stage where the decoder is split over devices (split-decoder.ts); a stage before the last takes
 *   and gives hidden states: [new, hidden] for every row of `run`, [hidden] for each step of `runTogether`
 */
export async function openDecoder(
  folder: ModelFolder,
  options: Omit<SessionOptions, 'folder'>,
  layers: LayerRange = { first: 0, end: folder.manifest.config.decoder.layerCount },
): Promise<Decoder> {
  const { graphs } = folder.manifest;
  if (graphs) return openExportedDecoder(folder, graphs.decoder, options);
  const config = folder.manifest.config.decoder;
  const isLast = layers.end === config.layerCount;
  const gpu = await gpuTargetOf(options.device);
  if (gpu?.keepsCache) return openDeviceDecoder(folder, { ...options, layers, gpu });
  const tensors: StoredTensors = new Map(Object.entries(folder.manifest.tensors));
  const graph = createGraph('decoder');
  writeDecoder({ graph, tensors, ...(gpu && { gpu }) }, config, layers);
  const session = await openSession(graph.encode(), { ...options, folder: folder.path });
  const reader = gpu ? null : await openReader(folder, { ...options, layers }).catch(releasing(session));
  const feedsOf = ({ hidden, positions, cache }: ReadingStep) => ({
    ...hostCache(cache).feeds(),
    hidden: floatTensor(hidden, [1, positions.length, config.hiddenSize]),
    positions: floatTensor(positions, [1, positions.length]),
  });

  async function run({ logitRows, ...step }: DecoderStep): Promise<Float32Array> {
    const outputs = await runSession(session, {
      ...feedsOf(step),
      ...(isLast && { logit_rows: integerTensor(logitRows.length > 0 ? logitRows : unwantedRow) }),
    });
    hostCache(step.cache).append(outputs, step.positions.length);
    if (!isLast) return outputs.states!.data as Float32Array;
    return logitRows.length === 0 ? new Float32Array(0) : (outputs.logits!.data as Float32Array);
  }

  async function read(step: ReadingStep): Promise<Float32Array> {
    if (!reader) return run({ ...step, logitRows: [] });
    const outputs = await runSession(reader, feedsOf(step));
    hostCache(step.cache).append(outputs, step.positions.length);
    return isLast ? new Float32Array(0) : (outputs.states!.data as Float32Array);
  }

  return {
    config,
    createCache: (start) => (start ? restoreKvCache(config, layers, start) : createKvCache(config, layers)),
    run,
    read,
    async runTogether(steps) {
      const joined = joinCaches(steps.map(({ cache }) => hostCache(cache)));
      const order = joined.caches.map((cache) => steps.findIndex((step) => step.cache === cache));
      const hidden = new Float32Array(steps.length * config.hiddenSize);
      for (const [row, from] of order.entries()) hidden.set(steps[from]!.hidden, row * config.hiddenSize);
      const positions = Float32Array.from(order, (from) => steps[from]!.position);
      const outputs = await runSession(session, {
        ...joined.feeds,
        hidden: floatTensor(hidden, [steps.length, 1, config.hiddenSize]),
        positions: floatTensor(positions, [steps.length, 1]),
        ...(isLast && { logit_rows: integerTensor(Array.from(order.keys())) }),
      });
      joined.append(outputs);
      const rows = (isLast ? outputs.logits! : outputs.states!).data as Float32Array; // [steps, vocabulary or hidden]
      const width = isLast ? config.vocabularySize : config.hiddenSize;
      return steps.map((_, index) => {
        const row = order.indexOf(index);
        return rows.subarray(row * width, (row + 1) * width);
      });
    },
    async close() {
      await reader?.release();
      await session.release();
    },
  };
}

/** A second session over the weights for reading; null where the folder has none. */
async function openReader(
  { manifest, path }: ModelFolder,
  { layers, ...options }: Omit<SessionOptions, 'folder'> & { layers: LayerRange },
): Promise<InferenceSession | null> {
  const tensors = readingTensors(new Map(Object.entries(manifest.tensors)));
  if (!tensors) return null;
  const graph = createGraph('reading decoder');
  writeReadingDecoder({ graph, tensors }, manifest.config.decoder, layers);
  return openSession(graph.encode(), { ...options, folder: path });
}

/** For a session that would outlive the failure to open its companion. */
function releasing(session: InferenceSession): (error: unknown) => Promise<never> {
  return async (error) => {
    await session.release();
    throw error;
  };
}
