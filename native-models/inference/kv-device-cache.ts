/** Keys and values of one sequence in a GPU's memory: each run gives them one longer, and forks share what was there. */
import type { Tensor } from 'onnxruntime-node';
import type { KvCache, KvSnapshot } from './kv-cache.ts';

/** All layers' keys and values of one length, [1, kvHeads, length, headDim] each, under the decoder's input names. */
export type PastTensors = Readonly<Record<string, Tensor>>;

/** Moves keys and values, in graphs of their own (kv-device-copies.ts). */
export interface DeviceCopies {
  /** The first `length` rows, on the device. */
  cut(past: PastTensors, length: number): Promise<PastTensors>;
  download(past: PastTensors, length: number): Promise<KvSnapshot>;
  upload(snapshot: KvSnapshot): Promise<PastTensors>;
  /** A past of no tokens. */
  empty(): PastTensors;
}

export interface DeviceKvCache extends KvCache {
  readonly prefix: null;
  fork(): DeviceKvCache;
  snapshot(): Promise<KvSnapshot>;
  /** The past as the decoder's inputs: what a truncate or a restore left to be done is done here. */
  past(): Promise<PastTensors>;
  /** Takes a run's `present_key.N` and `present_value.N`; the past they were made from is given back. */
  take(outputs: Readonly<Record<string, Tensor>>, count: number): void;
}

/** Memory that several caches look at; the last one to leave gives it back. */
interface SharedRows {
  tensors: PastTensors;
  length: number;
  holders: number;
}

/** An empty cache, or one that begins with a snapshot's tokens. A cache that is never released goes with the garbage. */
export function createDeviceCache(copies: DeviceCopies, start: KvSnapshot | null = null): DeviceKvCache {
  return openDeviceCache(copies, { rows: null, start, length: start?.length ?? 0 });
}

interface CacheState {
  rows: SharedRows | null;
  /** A snapshot that is not on the device yet. */
  start: KvSnapshot | null;
  length: number;
}

function openDeviceCache(copies: DeviceCopies, state: CacheState): DeviceKvCache {
  let { rows, start, length } = state;
  const become = (tensors: PastTensors, held: number) => {
    leave(rows);
    rows = { tensors, length: held, holders: 1 };
    start = null;
  };
  /** After a truncate more rows are held than wanted; a cut copies the rest once, at the next use. */
  async function settle(): Promise<void> {
    if (start) become(await copies.upload(start), start.length);
    if (!rows || rows.length === length) return;
    if (length === 0) {
      leave(rows);
      rows = null;
    } else become(await copies.cut(rows.tensors, length), length);
  }
  return {
    get length() {
      return length;
    },
    prefix: null,
    async past() {
      await settle();
      return rows?.tensors ?? copies.empty();
    },
    take(outputs, count) {
      const tensors: Record<string, Tensor> = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        if (name.startsWith('present_')) tensors[name.replace('present_', 'past_')] = tensor;
      }
      length += count;
      become(tensors, length);
    },
    reserve() {}, // every run makes the memory that it needs
    truncate(to) {
      length = Math.min(length, to);
    },
    fork() {
      if (rows) rows.holders += 1;
      return openDeviceCache(copies, { rows, start, length });
    },
    async snapshot() {
      await settle();
      return copies.download(rows?.tensors ?? copies.empty(), length);
    },
    release() {
      leave(rows);
      rows = null;
      start = null;
      length = 0;
    },
  };
}

function leave(rows: SharedRows | null): void {
  if (!rows) return;
  rows.holders -= 1;
  if (rows.holders > 0) return;
  for (const tensor of Object.values(rows.tensors)) tensor.dispose();
}
