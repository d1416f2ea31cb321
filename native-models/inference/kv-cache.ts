/** Keys and values of one sequence in memory we own: a shared, read-only prefix and a private tail that grows. */
import type { Tensor } from 'onnxruntime-node';
import { AppError } from '../../preload/contract/errors.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { LayerRange } from '../architectures/parameters.ts';
import { floatTensor, integerTensor } from './session.ts';

/** Tails grow in steps, so masks and shapes change rarely and a step's padding stays small. */
const capacityStep = 256;

/** Keys and values of all layers in plain form: [layers][kvHeads, length, headDim] each. */
export interface KvSnapshot {
  length: number;
  keys: Float32Array[];
  values: Float32Array[];
}

/** What the decoder needs from any cache, on the host or on a device. */
export interface KvCache {
  /** Tokens held. */
  readonly length: number;
  /** The past as the decoder graph's inputs; valid until the next append, truncate or reserve. */
  feeds(): Record<string, Tensor>;
  /** Takes the new rows of one run, `new_key.N` and `new_value.N` [1, kvHeads, count, headDim]. */
  append(outputs: Readonly<Record<string, Tensor>>, count: number): void;
  /**
   * Makes room for this many tokens in all, so that a long prefill grows once, and gives back what is more than twice
   * that: every run reads the whole capacity, so a short question would pay for the long one before it.
   * @throws AppError `out_of_memory`; the tokens held stay as they are
   */
  reserve(length: number): void;
  /** Forgets all tokens from `length` on. */
  truncate(length: number): void;
  /** A second sequence with the same past; what is there now is shared, not copied twice. */
  fork(): KvCache;
  snapshot(): KvSnapshot;
}

/** An empty cache for a stage's layers. */
export function createKvCache(config: DecoderConfig, layers: LayerRange): KvCache {
  return createHostCache({ config, layers }, emptySnapshot(layers));
}

/** A cache that starts with a snapshot's tokens as its shared prefix. */
export function restoreKvCache(config: DecoderConfig, layers: LayerRange, snapshot: KvSnapshot): KvCache {
  return createHostCache({ config, layers }, snapshot);
}

function emptySnapshot(layers: LayerRange): KvSnapshot {
  const none = () => Array.from({ length: layers.end - layers.first }, () => new Float32Array(0));
  return { length: 0, keys: none(), values: none() };
}

interface CacheShape {
  config: DecoderConfig;
  layers: LayerRange;
}

function createHostCache(shape: CacheShape, startPrefix: KvSnapshot): KvCache {
  const { kvHeadCount, headDim } = shape.config;
  const layerCount = shape.layers.end - shape.layers.first;
  let prefix = startPrefix;
  let prefixFeeds = prefixTensors(shape, prefix);
  let capacity = 0;
  let tailLength = 0;
  let tailKeys: Float32Array[] = [];
  let tailValues: Float32Array[] = [];
  let tailFeeds: Record<string, Tensor> = {};

  const resize = (nextCapacity: number) => {
    const moved = (old: Float32Array | undefined) => {
      const next = allocate(kvHeadCount * nextCapacity * headDim);
      for (let head = 0; old && head < kvHeadCount; head++) {
        const from = head * capacity * headDim;
        next.set(old.subarray(from, from + tailLength * headDim), head * nextCapacity * headDim);
      }
      return next;
    };
    const movedKeys = Array.from({ length: layerCount }, (_, layer) => moved(tailKeys[layer]));
    const movedValues = Array.from({ length: layerCount }, (_, layer) => moved(tailValues[layer]));
    [tailKeys, tailValues] = [movedKeys, movedValues]; // both or neither
    capacity = nextCapacity;
    tailFeeds = {};
    const dims = [1, kvHeadCount, capacity, headDim];
    for (let layer = 0; layer < layerCount; layer++) {
      tailFeeds[`tail_key.${shape.layers.first + layer}`] = floatTensor(tailKeys[layer]!, dims);
      tailFeeds[`tail_value.${shape.layers.first + layer}`] = floatTensor(tailValues[layer]!, dims);
    }
  };
  const setPrefix = (next: KvSnapshot) => {
    prefix = next;
    prefixFeeds = prefixTensors(shape, prefix);
  };
  const capacityFor = (tailTokens: number) => Math.ceil(tailTokens / capacityStep) * capacityStep;
  const ensure = (tailTokens: number) => {
    if (tailTokens > capacity) resize(capacityFor(tailTokens));
  };
  /** Copies the new rows [kvHeads, count, headDim] behind the tail's last ones. */
  const write = (tail: Float32Array, rows: Float32Array, count: number) => {
    const width = count * headDim;
    for (let head = 0; head < kvHeadCount; head++) {
      tail.set(rows.subarray(head * width, (head + 1) * width), (head * capacity + tailLength) * headDim);
    }
  };
  resize(0);

  const cache: KvCache = {
    get length() {
      return prefix.length + tailLength;
    },
    feeds: () => ({ ...prefixFeeds, ...tailFeeds, tail_lengths: integerTensor([tailLength]) }),
    append(outputs, count) {
      ensure(tailLength + count);
      for (let layer = 0; layer < layerCount; layer++) {
        const index = shape.layers.first + layer;
        write(tailKeys[layer]!, outputs[`new_key.${index}`]!.data as Float32Array, count);
        write(tailValues[layer]!, outputs[`new_value.${index}`]!.data as Float32Array, count);
      }
      tailLength += count;
    },
    reserve(length) {
      const wanted = capacityFor(Math.max(length - prefix.length, tailLength));
      if (wanted > capacity || capacity > 2 * wanted) resize(wanted);
    },
    truncate(length) {
      if (length >= prefix.length) {
        tailLength = Math.min(tailLength, length - prefix.length);
        return;
      }
      tailLength = 0;
      setPrefix(cutSnapshot(prefix, length, headDim));
    },
    fork() {
      if (tailLength > 0) {
        setPrefix(cache.snapshot());
        tailLength = 0;
      }
      return createHostCache(shape, prefix);
    },
    snapshot() {
      const joined = (layer: number, kind: 'keys' | 'values') => {
        const tail = kind === 'keys' ? tailKeys[layer]! : tailValues[layer]!;
        const out = allocate(kvHeadCount * (prefix.length + tailLength) * headDim);
        for (let head = 0; head < kvHeadCount; head++) {
          const at = head * (prefix.length + tailLength) * headDim;
          const prefixAt = head * prefix.length * headDim;
          out.set(prefix[kind][layer]!.subarray(prefixAt, prefixAt + prefix.length * headDim), at);
          const tailAt = head * capacity * headDim;
          out.set(tail.subarray(tailAt, tailAt + tailLength * headDim), at + prefix.length * headDim);
        }
        return out;
      };
      const layersOf = (kind: 'keys' | 'values') =>
        Array.from({ length: layerCount }, (_, layer) => joined(layer, kind));
      return { length: prefix.length + tailLength, keys: layersOf('keys'), values: layersOf('values') };
    },
  };
  return cache;
}

function allocate(values: number): Float32Array {
  try {
    return new Float32Array(values);
  } catch (cause) {
    throw new AppError(
      'out_of_memory',
      'There is not enough memory for a conversation this long. Use fewer or smaller pictures, or begin a new one.',
      { cause },
    );
  }
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
