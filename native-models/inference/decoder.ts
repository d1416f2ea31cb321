/** The language model over a KV cache: embeddings in, logits of the asked rows out. */
import type { StoredTensors } from '../architectures/layers.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { LayerRange } from '../architectures/parameters.ts';
import { writeQwen2 } from '../architectures/qwen2.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import { createGraph } from '../onnx/graph.ts';
import { createKvCache, type KvCache } from './kv-cache.ts';
import { floatTensor, integerTensor, openSession, runSession, type SessionOptions } from './session.ts';

/** One run: a chunk of the prompt, or one new token. */
export interface DecoderStep {
  /** [new, hidden] */
  hidden: Float32Array;
  /** [new], in token steps; fractions under V2PE. */
  positions: Float32Array;
  cache: KvCache;
  /** Rows of this step whose logits are wanted; lm_head runs on these alone. */
  logitRows: readonly number[];
}

/** Asked where no logits are wanted: MatMulInteger fails on zero rows, and one row costs 1 % of a chunk. */
const unwantedRow = [0];

export interface Decoder {
  readonly config: DecoderConfig;
  createCache(): KvCache;
  /** Appends the step's keys and values to the cache and gives logits [logitRows, vocabulary]. Blocks its thread. */
  run(step: DecoderStep): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Builds the decoder's graph for a model folder and opens its session. */
export async function openDecoder(
  folder: ModelFolder,
  options: Omit<SessionOptions, 'folder'>,
): Promise<Decoder> {
  const config = folder.manifest.config.decoder;
  const tensors: StoredTensors = new Map(Object.entries(folder.manifest.tensors));
  const layers: LayerRange = { first: 0, end: config.layerCount };
  const graph = createGraph('decoder');
  writeQwen2({ graph, tensors }, config, layers);
  const session = await openSession(graph.encode(), { ...options, folder: folder.path });
  return {
    config,
    createCache: () => createKvCache(config, layers),
    async run({ hidden, positions, cache, logitRows }) {
      const count = positions.length;
      const outputs = await runSession(session, {
        ...cache.feeds(),
        hidden: floatTensor(hidden, [1, count, config.hiddenSize]),
        positions: floatTensor(positions, [1, count]),
        logit_rows: integerTensor(logitRows.length > 0 ? logitRows : unwantedRow),
      });
      cache.append(outputs, count);
      return logitRows.length === 0 ? new Float32Array(0) : (outputs.logits!.data as Float32Array);
    },
    close: () => session.release(),
  };
}
