/** The layers every network here is made of, in the precision their weights are stored in. */
import type { ExternalTensor, Graph, Value } from '../onnx/graph.ts';
import { int4BlockSize } from '../weights/quantise-int4.ts';
import { type GpuTarget, gpuProduct } from './gpu-layers.ts';

/** The tensors of a model folder by stored name. */
export type StoredTensors = ReadonlyMap<string, ExternalTensor>;

/** What a network is built from: the graph it is written into and the weights it refers to. */
export interface NetworkBuilder {
  graph: Graph;
  tensors: StoredTensors;
  /** Set where a GPU computes. */
  gpu?: GpuTarget;
}

/** `MatMulNBits` computes with int8 activations, scaled per block of a row, at this level. */
const int8Activations = 4;

/** A stored vector or table as float32; fp16 storage is widened (once, at load, by constant folding). */
export function tensor({ graph, tensors }: NetworkBuilder, name: string): Value {
  const stored = tensors.get(name);
  if (!stored) throw new Error(`the model folder lists no tensor ${name}`);
  const value = graph.initializer(name, stored);
  return stored.type === 'float16' ? graph.op('Cast', [value], { to: 1 }) : value;
}

/** x [..., inputs] → [..., outputs] with the weight as stored: float, int8 per channel or int4 in blocks. */
export function linear(builder: NetworkBuilder, x: Value, name: string): Value {
  const { graph, tensors } = builder;
  const weight = tensors.get(`${name}.weight`);
  if (!weight) throw new Error(`the model folder lists no linear weight ${name}`);
  const product = builder.gpu
    ? gpuProduct(builder, builder.gpu, { x, name })
    : weight.type === 'int8'
      ? int8Product(builder, x, name)
      : weight.type === 'uint8'
        ? int4Product(builder, x, name)
        : graph.op('FusedMatMul', [x, tensor(builder, `${name}.weight`)], { transB: 1 });
  return tensors.has(`${name}.bias`) ? graph.op('Add', [product, tensor(builder, `${name}.bias`)]) : product;
}

/**
 * int8 × int8 with one activation scale per row, so that a row never depends on its neighbours.
 * Activations become uint8 around 128: ONNX Runtime has no fast kernel for signed ones (they run 10 × slower).
 * Channels are scaled inside the product, and a row's peak is that of its ends: 4 to 5 % of a vision layer less than
 * with both written out (65 against 69 ms, two cores).
 */
function int8Product(builder: NetworkBuilder, x: Value, name: string): Value {
  const { graph, tensors } = builder;
  const lastAxis = graph.constant(BigInt64Array.of(-1n));
  const highest = graph.op('ReduceMax', [x, lastAxis], { keepdims: 1 }); // [..., 1]
  const lowest = graph.op('ReduceMin', [x, lastAxis], { keepdims: 1 });
  const peak = graph.op('Max', [highest, graph.op('Neg', [lowest])]);
  const scale = graph.op('Max', [graph.op('Mul', [peak, scalar(graph, 1 / 127)]), scalar(graph, 1e-30)]);
  const zeroPoint = graph.constant(Uint8Array.of(128), []);
  const quantised = graph.op('QuantizeLinear', [graph.op('Div', [x, scale]), scalar(graph, 1), zeroPoint]);
  const weight = graph.initializer(`${name}.weight`, tensors.get(`${name}.weight`)!); // [inputs, outputs] int8
  const channelScales = tensor(builder, `${name}.weight_scale`);
  const product = graph.op('MatMulIntegerToFloat', [
    quantised,
    weight,
    scalar(graph, 1),
    channelScales,
    zeroPoint,
  ]);
  return graph.op('Mul', [product, scale]);
}

/** 4-bit weights in blocks of 32 along the inputs; activations become int8 per block inside the kernel. */
function int4Product(builder: NetworkBuilder, x: Value, name: string): Value {
  const { graph, tensors } = builder;
  const stored = tensors.get(`${name}.weight`)!; // [outputs, inputs / 32, 16] uint8
  const [outputs, blocks] = stored.shape as [number, number];
  const weight = graph.initializer(`${name}.weight`, stored);
  return graph.op('MatMulNBits', [x, weight, tensor(builder, `${name}.weight_scale`)], {
    K: blocks * int4BlockSize,
    N: outputs,
    bits: 4,
    block_size: int4BlockSize,
    accuracy_level: int8Activations,
  });
}

/** A float constant without dimensions. */
export function scalar(graph: Graph, value: number): Value {
  return graph.constant(Float32Array.of(value), []);
}

/** A shape for Reshape: 0 keeps a dimension, -1 takes what is left. */
export function shape(graph: Graph, ...dims: number[]): Value {
  return graph.constant(BigInt64Array.from(dims, BigInt));
}

/** x [..., width] → same, mean and variance over the last axis. */
export function layerNorm(
  builder: NetworkBuilder,
  x: Value,
  { name, epsilon }: { name: string; epsilon: number },
): Value {
  const inputs = [x, tensor(builder, `${name}.weight`), tensor(builder, `${name}.bias`)];
  return builder.graph.op('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } });
}

/** x [..., width] → same, divided by its root mean square. */
export function rmsNorm(
  builder: NetworkBuilder,
  x: Value,
  { name, epsilon }: { name: string; epsilon: number },
): Value {
  return builder.graph.op('SimplifiedLayerNormalization', [x, tensor(builder, `${name}.weight`)], {
    axis: -1,
    epsilon: { float: epsilon },
    stash_type: 1,
  });
}

/** SwiGLU: silu(gate) · up, gate and up from one product `gate_up`, then `down`. x [..., hidden] → same. */
export function swiGlu(builder: NetworkBuilder, x: Value, name: string): Value {
  const { graph } = builder;
  const [gate, up] = graph.ops('Split', [linear(builder, x, `${name}.gate_up`)], 2, {
    axis: -1,
    num_outputs: 2,
  });
  const activated = graph.op('QuickGelu', [gate], { alpha: { float: 1 } }); // x · sigmoid(x)
  return linear(builder, graph.op('Mul', [activated, up]), `${name}.down`);
}
