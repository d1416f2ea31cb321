/** What every layer of one decoder run shares: rotary angles and the mask, made inside the graph from a few integers. */
import type { Value } from '../onnx/graph.ts';
import { elementTypes } from '../onnx/schema.ts';
import { causalMask, type GpuTarget } from './gpu-layers.ts';
import { type NetworkBuilder, scalar, shape } from './layers.ts';
import type { DecoderConfig } from './model-config.ts';

/** What all layers of one run share: where tokens stand, and what attention needs to know of the cache. */
export interface Step {
  cos: Value; // [batch · new, headDim / 2]
  sin: Value;
  rotaryIndex: Value; // [batch, new] int64, each token's row in cos and sin; or [1], the first one's
  cache: HostStep | DeviceStep | ReadingStep;
}

/** The host keeps keys and values: what new tokens may see of them, and the shapes that depend on it. */
export interface HostStep {
  kind: 'host';
  mask: Value; // [batch, 1, 1, new, prefix + capacity + new], 0 or -∞-like
  scoreShape: Value; // [batch, kvHeads, group, new, columns] for Reshape
  foldedShape: Value; // [batch, kvHeads, group · new, columns] for Reshape
  columnSplit: Value; // [prefix, capacity, new]
}

/** The device keeps them, one sequence a run: how long it is after this run. */
export interface DeviceStep {
  kind: 'device';
  /** The new length and the index of its last row, [1] int32 each; or, where attention is written out, its mask [group · new, length]. */
  reach: { lastRow: Value; length: Value } | { mask: Value };
}

/** The host keeps them and a stretch of one prompt is read: how long the sequence is after it. */
export interface ReadingStep {
  kind: 'reading';
  /** The index of its last row, and its length, [1] int32 each. */
  lastRow: Value;
  length: Value;
}

/** Added to scores a token may not see: far below any score, and safe where a whole row is hidden. */
const hiddenScore = -1e30;

/** Rotary angles and the mask, made inside the graph from a few integers: a mask of this size is never sent. */
export function prepareStep(builder: NetworkBuilder, config: DecoderConfig, firstLayer: number): Step {
  if (builder.gpu?.keepsCache) return prepareDeviceStep(builder, builder.gpu, config);
  const { graph } = builder;
  const { kvHeadCount, headCount } = config;
  const positions = graph.input('positions', 'float32', ['batch', 'new']);
  const tailLengths = graph.input('tail_lengths', 'int64', ['batch']);
  const newCount = graph.op('Shape', [positions], { start: 1, end: 2 });
  const sizeOf = (input: string) => graph.op('Shape', [input as Value], { start: 2, end: 3 });
  const prefixCount = sizeOf(`prefix_key.${firstLayer}`);
  const capacity = sizeOf(`tail_key.${firstLayer}`);
  const { batchNew, ...rotary } = rotaryOf(builder, positions, config);

  const group = headCount / kvHeadCount;
  const columns = graph.op('Concat', [prefixCount, capacity, newCount], { axis: 0 });
  const columnCount = graph.op('ReduceSum', [columns], { keepdims: 1 });
  return {
    ...rotary,
    cache: {
      kind: 'host',
      mask: maskOf(builder, { batchNew, newCount, prefixCount, capacity, tailLengths }),
      scoreShape: graph.op('Concat', [shape(graph, 0, 0, group, -1), columnCount], { axis: 0 }),
      foldedShape: graph.op('Concat', [shape(graph, 0, 0, -1), columnCount], { axis: 0 }),
      columnSplit: columns,
    },
  };
}

/** The same for a stretch of one sequence's prompt, whose inputs are the same. */
export function prepareReadingStep(builder: NetworkBuilder, config: DecoderConfig, firstLayer: number): Step {
  const { graph } = builder;
  const positions = graph.input('positions', 'float32', [1, 'new']);
  const tailLength = graph.input('tail_lengths', 'int64', [1]);
  const { batchNew, ...rotary } = rotaryOf(builder, positions, config);
  const prefixCount = graph.op('Shape', [`prefix_key.${firstLayer}` as Value], { start: 2, end: 3 });
  const newCount = graph.op('Shape', [positions], { start: 1, end: 2 });
  const held = graph.op('Add', [prefixCount, tailLength]);
  const length = graph.op('Cast', [graph.op('Add', [held, newCount])], { to: elementTypes.int32 });
  const lastRow = graph.op('Sub', [length, graph.constant(Int32Array.of(1))]);
  return { ...rotary, cache: { kind: 'reading', lastRow, length } };
}

/** Angles of positions [batch, new], and each token's row in them. */
function rotaryOf(
  builder: NetworkBuilder,
  positions: Value,
  config: DecoderConfig,
): Pick<Step, 'cos' | 'sin' | 'rotaryIndex'> & { batchNew: Value } {
  const { graph } = builder;
  const batchNew = graph.op('Shape', [positions]); // [batch, new]
  const angles = graph.op('Mul', [
    graph.op('Reshape', [positions, shape(graph, -1, 1)]),
    inverseFrequencies(builder, config),
  ]);
  const rowIndex = rangeTo(builder, graph.op('ReduceProd', [batchNew], { keepdims: 0 }));
  return {
    cos: graph.op('Cos', [angles]),
    sin: graph.op('Sin', [angles]),
    rotaryIndex: graph.op('Reshape', [rowIndex, batchNew]),
    batchNew,
  };
}

/**
 * The same for a device that keeps the cache. Angles come as cosines and sines from the host: WGSL promises those
 * functions only within ±π, and whole-number nodes would run on the CPU anyway.
 */
function prepareDeviceStep(
  builder: NetworkBuilder,
  { fusedAttention }: GpuTarget,
  { headDim }: DecoderConfig,
): Step {
  const { graph } = builder;
  const angles = (name: string) => graph.input(name, 'float32', ['new', headDim / 2]);
  const reach = fusedAttention
    ? { lastRow: graph.input('last_row', 'int32', [1]), length: graph.input('length', 'int32', [1]) }
    : {
        mask: causalMask(
          builder,
          graph.input('rows', 'float32', ['rows', 1]),
          graph.input('columns', 'float32', ['length']),
        ),
      };
  return {
    cos: angles('cos'),
    sin: angles('sin'),
    rotaryIndex: graph.constant(BigInt64Array.of(0n)),
    cache: { kind: 'device', reach },
  };
}

/** θ^(−2i/headDim) / factor for i < headDim / 2, as Llama's rotary embedding has it. */
function inverseFrequencies(
  { graph }: NetworkBuilder,
  { headDim, ropeTheta, ropeFactor }: DecoderConfig,
): Value {
  const frequencies = Float32Array.from(
    { length: headDim / 2 },
    (_, i) => 1 / ropeFactor / ropeTheta ** ((2 * i) / headDim),
  );
  return graph.constant(frequencies, [1, headDim / 2]);
}

/** 0 … count − 1 as int64 for a count without dimensions. */
function rangeTo({ graph }: NetworkBuilder, count: Value): Value {
  const zero = graph.constant(BigInt64Array.of(0n), []);
  const one = graph.constant(BigInt64Array.of(1n), []);
  return graph.op('Range', [zero, count, one]);
}

interface MaskSizes {
  batchNew: Value;
  newCount: Value;
  prefixCount: Value;
  capacity: Value;
  tailLengths: Value;
}

/** [batch, 1, 1, new, prefix + capacity + new]: the prefix is open, the tail up to its length, new tokens up to themselves. */
function maskOf(builder: NetworkBuilder, sizes: MaskSizes): Value {
  const { graph } = builder;
  const visible = scalar(graph, 0);
  const hidden = scalar(graph, hiddenScore);
  const squeeze = (value: Value) => graph.op('Squeeze', [value]);
  const score = (condition: Value) => graph.op('Where', [condition, visible, hidden]);
  const batchCount = graph.op('Shape', [sizes.tailLengths]);
  const bounds = (width: Value) =>
    graph.op('Concat', [batchCount, shape(graph, 1, 1), sizes.newCount, width], { axis: 0 });

  const tailIndex = rangeTo(builder, squeeze(sizes.capacity)); // [capacity]
  const tailEnd = graph.op('Reshape', [sizes.tailLengths, shape(graph, -1, 1, 1, 1, 1)]);
  const tail = graph.op('Expand', [score(graph.op('Less', [tailIndex, tailEnd])), bounds(sizes.capacity)]);

  const newIndex = rangeTo(builder, squeeze(sizes.newCount)); // [new]
  const causal = graph.op('LessOrEqual', [newIndex, graph.op('Reshape', [newIndex, shape(graph, -1, 1)])]); // [new, new]
  const fresh = graph.op('Expand', [score(causal), bounds(sizes.newCount)]);

  const prefix = graph.op('Expand', [visible, bounds(sizes.prefixCount)]);
  return graph.op('Concat', [prefix, tail, fresh], { axis: -1 });
}
