/** The tiny graphs that shorten, read back and write a device's keys and values, all layers in one run. */
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { LayerRange } from '../architectures/parameters.ts';
import { createGraph, type Graph, type Value } from '../onnx/graph.ts';
import type { KvSnapshot } from './kv-cache.ts';
import type { DeviceCopies, PastTensors } from './kv-device-cache.ts';
import { floatTensor, integerTensor, openSession, runSession, type SessionOptions } from './session.ts';

interface CopyOptions {
  config: DecoderConfig;
  layers: LayerRange;
  /** Keys and values are fp16 on the device; snapshots are fp32 always. */
  half: boolean;
  session: Omit<SessionOptions, 'folder'>;
}

/** ONNX's numbers of the element types that Cast goes to. */
const castTargets = { float32: 1, float16: 10 };

/** The sessions are opened when first needed: a chat that is never shortened needs none. */
export function createDeviceCopies(options: CopyOptions): DeviceCopies & { close(): Promise<void> } {
  const { config, layers, half } = options;
  const stored = half ? 'float16' : 'float32';
  const names = Array.from({ length: layers.end - layers.first }, (_, index) => layers.first + index).flatMap(
    (layer) => [`past_key.${layer}`, `past_value.${layer}`],
  );
  const sessions = new Map<string, Promise<InferenceSession>>();
  const session = (kind: 'cut' | 'download' | 'upload') => {
    const known = sessions.get(kind);
    if (known) return known;
    const graph = writeCopies(kind, names, { config, stored });
    const opened = openSession(graph, {
      ...options.session,
      folder: '',
      ...(kind !== 'download' && { outputsOnDevice: names.map((name) => `out_${name}`) }),
    });
    sessions.set(kind, opened);
    return opened;
  };
  const copy = async (kind: 'cut' | 'download' | 'upload', past: PastTensors, length: number) => {
    const outputs = await runSession(await session(kind), { ...past, end: integerTensor([length]) });
    return Object.fromEntries(names.map((name) => [name, outputs[`out_${name}`]!]));
  };
  return {
    cut: (past, length) => copy('cut', past, length),
    async download(past, length) {
      if (length === 0) return { length, keys: emptyRows(names), values: emptyRows(names) };
      const rows = await copy('download', past, length);
      const of = (part: string) =>
        names.filter((name) => name.startsWith(part)).map((name) => rows[name]!.data as Float32Array);
      return { length, keys: of('past_key'), values: of('past_value') };
    },
    upload({ length, keys, values }: KvSnapshot) {
      const dims = [1, config.kvHeadCount, length, config.headDim];
      const rowsOf = (index: number) => (index % 2 === 0 ? keys : values)[index >> 1]!;
      const host = names.map((name, index) => [name, floatTensor(rowsOf(index), dims)]);
      return copy('upload', Object.fromEntries(host), length);
    },
    empty() {
      const dims = [1, config.kvHeadCount, 0, config.headDim];
      const nothing = half
        ? new Tensor('float16', new Uint16Array(0), dims)
        : floatTensor(new Float32Array(0), dims);
      return Object.fromEntries(names.map((name) => [name, nothing]));
    },
    async close() {
      for (const opened of sessions.values()) await (await opened).release();
    },
  };
}

/** Half of the names are keys. */
function emptyRows(names: readonly string[]): Float32Array[] {
  return Array.from({ length: names.length / 2 }, () => new Float32Array(0));
}

/** Each input's first `end` rows as an output, in the type that the other side wants. */
function writeCopies(
  kind: 'cut' | 'download' | 'upload',
  names: readonly string[],
  { config, stored }: { config: DecoderConfig; stored: 'float32' | 'float16' },
): Uint8Array {
  const graph = createGraph(`${kind} keys and values`);
  const from = kind === 'upload' ? 'float32' : stored;
  const to = kind === 'download' ? 'float32' : stored;
  const end = graph.input('end', 'int64', [1]);
  const dims = (rows: string) => [1, config.kvHeadCount, rows, config.headDim];
  for (const name of names) {
    const past = graph.input(name, from, dims('past'));
    const kept = firstRows(graph, past, end);
    const value = from === to ? kept : graph.op('Cast', [kept], { to: castTargets[to] });
    graph.output(`out_${name}`, value, to, dims('kept'));
  }
  return graph.encode();
}

function firstRows(graph: Graph, past: Value, end: Value): Value {
  const [from, axis] = [graph.constant(BigInt64Array.of(0n)), graph.constant(BigInt64Array.of(2n))];
  return graph.op('Slice', [past, from, end, axis]);
}
