/** Keys and values of one sequence in memory we own: a shared, read-only prefix and a private tail that grows. */
import type { Tensor } from 'onnxruntime-node';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { LayerRange } from '../architectures/parameters.ts';
import {
  allocateFloats,
  capacityFor,
  createTail,
  fitTail,
  joinTails,
  type Tail,
  tailFeeds,
  usedRows,
  writeRows,
} from './kv-tail.ts';
import { floatTensor, integerTensor } from './session.ts';

/** Keys and values of all layers in plain form: [layers][kvHeads, length, headDim] each. */
export interface KvSnapshot {
  length: number;
  keys: Float32Array[];
  values: Float32Array[];
}

/** What a sequence asks of its cache, whether the host keeps it or a device (kv-device-cache.ts). */
export interface KvCache {
  /** Tokens held. */
  readonly length: number;
  /** The beginning it shares with its forks, or null; only caches with the same one may run together. */
  readonly prefix: KvSnapshot | null;
  /**
   * Makes room for this many tokens in all, and gives back what is more than twice that: every run reads the whole
   * room, so a short question would pay for the long one before it. Whoever reads a long prompt asks for more as it
   * goes, a share ahead (prefill.ts); the old room and the new one are there together while tokens move.
   * @throws AppError `out_of_memory`; the tokens held stay as they are
   */
  reserve(length: number): void;
  /** Forgets all tokens from `length` on. */
  truncate(length: number): void;
  /** A second sequence with the same past; what is there now is shared, not copied twice. */
  fork(): KvCache;
  /** A device's memory has to be copied out first. */
  snapshot(): KvSnapshot | Promise<KvSnapshot>;
  /** Gives a device's memory back at once; the cache is not used again. The host's goes with the cache itself. */
  release(): void;
}

/** A cache in memory we own. */
export interface HostKvCache extends KvCache {
  /** What it holds beyond the prefix. */
  readonly tail: Tail;
  /** The past as the decoder graph's inputs; valid until the next append, truncate, reserve or join. */
  feeds(): Record<string, Tensor>;
  /** Takes the new rows of one run, `new_key.N` and `new_value.N` [1, kvHeads, count, headDim]. */
  append(outputs: Readonly<Record<string, Tensor>>, count: number): void;
  fork(): HostKvCache;
  snapshot(): KvSnapshot;
}

/** An empty cache for a stage's layers. */
export function createKvCache(config: DecoderConfig, layers: LayerRange): HostKvCache {
  return createHostCache({ config, layers }, emptySnapshot(layers));
}

/** A cache that starts with a snapshot's tokens as its shared prefix. */
export function restoreKvCache(config: DecoderConfig, layers: LayerRange, snapshot: KvSnapshot): HostKvCache {
  return createHostCache({ config, layers }, snapshot);
}

/** A decoder is given only caches of its own `createCache`; one that computes on the host makes no others. */
export function hostCache(cache: KvCache): HostKvCache {
  return cache as HostKvCache;
}

/** Several sequences in one run. */
export interface JoinedCaches {
  /** The caches in the run's order. */
  caches: HostKvCache[];
  feeds: Record<string, Tensor>;
  /** Takes one new row for each, `new_key.N` and `new_value.N` [caches, kvHeads, 1, headDim]. */
  append(outputs: Readonly<Record<string, Tensor>>): void;
}

/**
 * Lays caches of one prefix side by side, with room for a token more in each.
 * @throws AppError `out_of_memory`; every cache keeps its tokens
 */
export function joinCaches(together: readonly HostKvCache[]): JoinedCaches {
  const longest = Math.max(...together.map(({ tail }) => tail.length));
  joinTails(
    together.map(({ tail }) => tail),
    capacityFor(longest + 1),
  );
  const caches = together.toSorted((a, b) => a.tail.slot - b.tail.slot);
  const tails = caches.map(({ tail }) => tail);
  return {
    caches,
    feeds: {
      ...caches[0]!.feeds(),
      ...tailFeeds(tails),
      tail_lengths: integerTensor(tails.map(({ length }) => length)),
    },
    append(outputs) {
      for (const [row, tail] of tails.entries()) writeRows(tail, outputs, { row, count: 1 });
    },
  };
}

function emptySnapshot(layers: LayerRange): KvSnapshot {
  const none = () => Array.from({ length: layers.end - layers.first }, () => new Float32Array(0));
  return { length: 0, keys: none(), values: none() };
}

interface CacheShape {
  config: DecoderConfig;
  layers: LayerRange;
}

function createHostCache(shape: CacheShape, startPrefix: KvSnapshot): HostKvCache {
  const { kvHeadCount, headDim } = shape.config;
  const layerCount = shape.layers.end - shape.layers.first;
  const tail = createTail({ firstLayer: shape.layers.first, layerCount, kvHeadCount, headDim });
  let prefix = startPrefix;
  let prefixFeeds = prefixTensors(shape, prefix);
  const setPrefix = (next: KvSnapshot) => {
    prefix = next;
    prefixFeeds = prefixTensors(shape, prefix);
  };

  const cache: HostKvCache = {
    tail,
    get length() {
      return prefix.length + tail.length;
    },
    get prefix() {
      return prefix.length > 0 ? prefix : null;
    },
    feeds: () => ({ ...prefixFeeds, ...tailFeeds([tail]), tail_lengths: integerTensor([tail.length]) }),
    append: (outputs, count) => writeRows(tail, outputs, { row: 0, count }),
    reserve: (length) => fitTail(tail, length - prefix.length),
    truncate(length) {
      if (length >= prefix.length) {
        tail.length = Math.min(tail.length, length - prefix.length);
        return;
      }
      tail.length = 0;
      setPrefix(cutSnapshot(prefix, length, headDim));
    },
    release() {},
    fork() {
      if (tail.length > 0) {
        setPrefix(cache.snapshot());
        tail.length = 0;
      }
      return createHostCache(shape, prefix);
    },
    snapshot() {
      const length = prefix.length + tail.length;
      const joined = (layer: number, kind: 'keys' | 'values') => {
        const out = allocateFloats(kvHeadCount * length * headDim);
        for (let head = 0; head < kvHeadCount; head++) {
          const at = head * length * headDim;
          const prefixAt = head * prefix.length * headDim;
          out.set(prefix[kind][layer]!.subarray(prefixAt, prefixAt + prefix.length * headDim), at);
          out.set(usedRows(tail, kind, { layer, head }), at + prefix.length * headDim);
        }
        return out;
      };
      const layersOf = (kind: 'keys' | 'values') =>
        Array.from({ length: layerCount }, (_, layer) => joined(layer, kind));
      return { length, keys: layersOf('keys'), values: layersOf('values') };
    },
  };
  return cache;
}

function prefixTensors({ config, layers }: CacheShape, prefix: KvSnapshot): Record<string, Tensor> {
  const dims = [1, config.kvHeadCount, prefix.length, config.headDim];
  const feeds: Record<string, Tensor> = {};
  for (let layer = layers.first; layer < layers.end; layer++) {
    feeds[`prefix_key.${layer}`] = floatTensor(prefix.keys[layer - layers.first]!, dims);
    feeds[`prefix_value.${layer}`] = floatTensor(prefix.values[layer - layers.first]!, dims);
  }
  return feeds;
}

/** The first `length` tokens of a snapshot, each head's rows moved together. */
function cutSnapshot(snapshot: KvSnapshot, length: number, headDim: number): KvSnapshot {
  const cut = (rows: Float32Array) => {
    const heads = snapshot.length === 0 ? 0 : rows.length / (snapshot.length * headDim);
    const out = new Float32Array(heads * length * headDim);
    for (let head = 0; head < heads; head++) {
      const from = head * snapshot.length * headDim;
      out.set(rows.subarray(from, from + length * headDim), head * length * headDim);
    }
    return out;
  };
  return { length, keys: snapshot.keys.map(cut), values: snapshot.values.map(cut) };
}
