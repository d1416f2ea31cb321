/** How a GPU's graph differs from the CPU's: products in the forms its kernels know, attention fused or written out. */
import type { Value } from '../onnx/graph.ts';
import { int4BlockSize } from '../weights/quantise-int4.ts';
import { type NetworkBuilder, scalar, shape, tensor } from './layers.ts';

/** What a GPU can do; without one in the builder, the graph is the CPU's. */
export interface GpuTarget {
  /** Products, keys and values in fp16. What adds up over the layers, and every norm, stays fp32. */
  half: boolean;
  /** ONNX Runtime's fused attention computes rightly on this adapter; else attention is written out in plain nodes. */
  fusedAttention: boolean;
  /** MatMulNBits takes 8 bits too; else int8 weights are widened when the session opens. */
  eightBitProducts: boolean;
  /** Keys and values stay on the device as outputs that become inputs (WebGPU); else the host keeps them. */
  keepsCache: boolean;
}

/** ONNX's numbers of the element types that Cast goes to. */
const float32 = 1;
const uint8 = 2;
const int32 = 6;
const float16 = 10;

/** `MatMulNBits` computes with float activations at this level: a GPU waits for weights, not for arithmetic. */
const floatActivations = 0;

/** x [..., inputs] → [..., outputs], fp32 in and out; without the bias. `MatMulInteger` and `FusedMatMul` would run on the CPU. */
export function gpuProduct(
  builder: NetworkBuilder,
  gpu: GpuTarget,
  { x, name, isByRows = false }: { x: Value; name: string; isByRows?: boolean },
): Value {
  const { graph, tensors } = builder;
  const { type, shape: dims } = tensors.get(`${name}.weight`)!;
  const input = narrow(builder, gpu, x);
  if (type === 'uint8') {
    const [outputs, blocks] = dims as [number, number];
    const weight = graph.initializer(`${name}.weight`, tensors.get(`${name}.weight`)!);
    const scale = narrow(builder, gpu, tensor(builder, `${name}.weight_scale`));
    const sizes = { K: blocks * int4BlockSize, N: outputs, bits: 4, block_size: int4BlockSize };
    return widen(builder, gpu, nBitsProduct(builder, [input, weight, scale], sizes));
  }
  const inputs = dims[isByRows ? 1 : 0]!;
  const blockSize = type === 'int8' && gpu.eightBitProducts ? blockSizeFor(inputs) : null;
  if (blockSize)
    return widen(builder, gpu, eightBitProduct(builder, gpu, { input, name, blockSize, isByRows }));
  return widen(builder, gpu, graph.op('MatMul', [input, floatWeight(builder, gpu, { name, isByRows })]));
}

type BitSizes = { K: number; N: number; bits: number; block_size: number };

function nBitsProduct({ graph }: NetworkBuilder, inputs: Value[], sizes: BitSizes): Value {
  return graph.op('MatMulNBits', inputs, { ...sizes, accuracy_level: floatActivations });
}

/** A stored int8 matrix brought into MatMulNBits' form; ONNX Runtime folds all of it at load. */
function eightBitProduct(
  builder: NetworkBuilder,
  gpu: GpuTarget,
  { input, name, blockSize, isByRows }: { input: Value; name: string; blockSize: number; isByRows: boolean },
): Value {
  const { graph, tensors } = builder;
  const stored = tensors.get(`${name}.weight`)!;
  const [outputs, inputs] = (isByRows ? stored.shape : stored.shape.toReversed()) as [number, number];
  const blocks = inputs / blockSize;
  const matrix = graph.initializer(`${name}.weight`, stored);
  const byRows = isByRows ? matrix : graph.op('Transpose', [matrix], { perm: [1, 0] });
  const whole = graph.op('Cast', [byRows], { to: int32 });
  const raised = graph.op('Add', [whole, graph.constant(Int32Array.of(128), [])]); // 0 lies at 128 in MatMulNBits
  const weight = graph.op('Reshape', [
    graph.op('Cast', [raised], { to: uint8 }),
    shape(graph, outputs, blocks, blockSize),
  ]);
  const column = graph.op('Reshape', [tensor(builder, `${name}.weight_scale`), shape(graph, outputs, 1)]);
  const spread = graph.op('Reshape', [
    graph.op('Expand', [column, shape(graph, outputs, blocks)]),
    shape(graph, -1),
  ]);
  const sizes = { K: inputs, N: outputs, bits: 8, block_size: blockSize };
  return nBitsProduct(builder, [input, weight, narrow(builder, gpu, spread)], sizes);
}

/** 32 where that cuts a row without a rest: ONNX Runtime's WebGPU kernel for other sizes is 40 × slower on many rows. */
function blockSizeFor(inputs: number): number | null {
  return [32, 16].find((size) => inputs % size === 0) ?? null;
}

/** A stored float or int8 matrix as [inputs, outputs] in the products' precision; folded at load. */
function floatWeight(
  builder: NetworkBuilder,
  gpu: GpuTarget,
  { name, isByRows }: { name: string; isByRows: boolean },
): Value {
  const { graph, tensors } = builder;
  const stored = tensors.get(`${name}.weight`)!;
  if (stored.type !== 'int8') {
    return narrow(builder, gpu, graph.op('Transpose', [tensor(builder, `${name}.weight`)], { perm: [1, 0] }));
  }
  const matrix = graph.initializer(`${name}.weight`, stored);
  const turned = isByRows ? graph.op('Transpose', [matrix], { perm: [1, 0] }) : matrix; // [inputs, outputs]
  const whole = graph.op('Cast', [turned], { to: float32 });
  return narrow(builder, gpu, graph.op('Mul', [whole, tensor(builder, `${name}.weight_scale`)]));
}

/** fp32 → the products' precision. */
export function narrow({ graph }: NetworkBuilder, { half }: GpuTarget, value: Value): Value {
  return half ? graph.op('Cast', [value], { to: float16 }) : value;
}

/** The products' precision → fp32. */
export function widen({ graph }: NetworkBuilder, { half }: GpuTarget, value: Value): Value {
  return half ? graph.op('Cast', [value], { to: float32 }) : value;
}

/** Every row looks at every other; query, key, value [batch, rows, heads · headDim] → same. */
export function attendAll(
  builder: NetworkBuilder,
  gpu: GpuTarget,
  { query, key, value, headCount }: { query: Value; key: Value; value: Value; headCount: number },
): Value {
  const { graph } = builder;
  if (gpu.fusedAttention) {
    const inputs = [query, key, value].map((each) => narrow(builder, gpu, each));
    return widen(builder, gpu, graph.op('MultiHeadAttention', inputs, { num_heads: headCount }));
  }
  const byHead = (flat: Value) =>
    graph.op('Transpose', [graph.op('Reshape', [flat, shape(graph, 0, 0, headCount, -1)])], {
      perm: [0, 2, 1, 3],
    });
  const attended = attendPlainly(builder, { query: byHead(query), key: byHead(key), value: byHead(value) });
  const rows = graph.op('Transpose', [attended], { perm: [0, 2, 1, 3] }); // [batch, rows, heads, headDim]
  return graph.op('Reshape', [rows, graph.op('Shape', [query])]);
}

/** Softmax(q·kᵀ / √headDim + mask) · v by head; key and value [batch, heads, rows, headDim]. */
export function attendPlainly(
  { graph }: NetworkBuilder,
  { query, key, value, mask }: { query: Value; key: Value; value: Value; mask?: Value },
): Value {
  const width = graph.op('Cast', [graph.op('Shape', [query], { start: 3, end: 4 })], { to: float32 });
  const scaled = graph.op('Div', [query, graph.op('Sqrt', [width])]);
  const scores = graph.op('MatMul', [scaled, graph.op('Transpose', [key], { perm: [0, 1, 3, 2] })]);
  const seen = mask ? graph.op('Add', [scores, mask]) : scores;
  return graph.op('MatMul', [graph.op('Softmax', [seen], { axis: -1 }), value]);
}

/**
 * A mask from plain numbers: 0 where a column is at most its row's last, else far below any score.
 * rows [rows, 1], columns [columns], float32.
 */
export function causalMask({ graph }: NetworkBuilder, rows: Value, columns: Value): Value {
  const beyond = graph.op('Min', [graph.op('Sub', [rows, columns]), scalar(graph, 0)]); // whole numbers, so at most -1
  return graph.op('Mul', [beyond, scalar(graph, 1e30)]);
}
