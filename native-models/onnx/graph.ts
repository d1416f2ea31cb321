/** Writes an ONNX graph top-down: inputs, nodes in order of computation, initialisers that point into data files, outputs. */
import {
  attributeTypes,
  type ElementType,
  elementTypes,
  encodeModelProto,
  externalLocation,
} from './schema.ts';

/** The name of a tensor inside one graph. */
export type Value = string & { readonly brand: 'Value' };

/** A node attribute: whole numbers become ints; write a float as `{ float: x }`. */
export type Attribute = number | string | number[] | { float: number };

/** Types weights are stored in. */
export type WeightType = 'float32' | 'float16' | 'int8' | 'uint8';

/** Where an initialiser's bytes lie: a plain file in the folder the session is given. */
export interface ExternalTensor {
  file: string;
  byteOffset: number;
  sizeBytes: number;
  type: WeightType;
  shape: number[];
}

/** Dimension of an input or output: a number, or the name of a size that is only known at run time. */
export type Dimension = number | string;

/** ONNX Runtime's own operators; everything else is ai.onnx. */
const contribOperators = new Set([
  'FusedMatMul',
  'Gelu',
  'GroupQueryAttention',
  'MatMulIntegerToFloat',
  'MatMulNBits',
  'MultiHeadAttention',
  'QuickGelu',
  'RotaryEmbedding',
]);

/** ai.onnx opset and IR version that ONNX Runtime 1.30 runs and onnxruntime-genai's builder writes too. */
const opsetVersion = 21;
const irVersion = 10;

/** A graph under construction. Every method appends; nothing is reordered. */
export interface Graph {
  input(name: string, type: ElementType, dims: readonly Dimension[]): Value;
  /** A small constant kept inside the graph. */
  constant(values: Float32Array | BigInt64Array | Int32Array | Uint8Array, dims?: readonly number[]): Value;
  /** A weight kept in a data file; asking twice for one name gives the same value. */
  initializer(name: string, tensor: ExternalTensor): Value;
  /** A node with one output. */
  op(operator: string, inputs: readonly (Value | undefined)[], attributes?: Record<string, Attribute>): Value;
  /** A node with several outputs. */
  ops(
    operator: string,
    inputs: readonly (Value | undefined)[],
    outputCount: number,
    attributes?: Record<string, Attribute>,
  ): Value[];
  output(name: string, value: Value, type: ElementType, dims: readonly Dimension[]): void;
  /** The finished ModelProto as bytes, ready for a session. */
  encode(): Uint8Array;
}

/** Starts an empty graph. */
export function createGraph(name: string): Graph {
  const nodes: object[] = [];
  const inputs: object[] = [];
  const outputs: object[] = [];
  const initializers = new Map<string, object>();
  let valueCount = 0;

  const nextValue = (hint: string) => `${hint}_${valueCount++}` as Value;

  const graph: Graph = {
    input(inputName, type, dims) {
      inputs.push(valueDescription(inputName, type, dims));
      return inputName as Value;
    },
    constant(values, dims = [values.length]) {
      const value = nextValue('constant');
      const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      initializers.set(value, { name: value, dims, dataType: elementTypes[elementTypeOf(values)], rawData });
      return value;
    },
    initializer(initializerName, tensor) {
      initializers.set(initializerName, externalInitializer(initializerName, tensor));
      return initializerName as Value;
    },
    op(operator, nodeInputs, attributes) {
      return graph.ops(operator, nodeInputs, 1, attributes)[0]!;
    },
    ops(operator, nodeInputs, outputCount, attributes = {}) {
      const nodeOutputs = Array.from({ length: outputCount }, () => nextValue(operator));
      nodes.push({
        name: nodeOutputs[0],
        opType: operator,
        domain: contribOperators.has(operator) ? 'com.microsoft' : '',
        input: nodeInputs.map((value) => value ?? ''),
        output: nodeOutputs,
        attribute: Object.entries(attributes).map(([key, value]) => encodeAttribute(key, value)),
      });
      return nodeOutputs;
    },
    output(outputName, value, type, dims) {
      nodes.push({ name: outputName, opType: 'Identity', input: [value], output: [outputName] });
      outputs.push(valueDescription(outputName, type, dims));
    },
    encode() {
      return encodeModelProto({
        irVersion,
        producerName: 'internvl-desktop',
        opsetImport: [
          { domain: '', version: opsetVersion },
          { domain: 'com.microsoft', version: 1 },
        ],
        graph: { name, node: nodes, input: inputs, output: outputs, initializer: [...initializers.values()] },
      });
    },
  };
  return graph;
}

function valueDescription(name: string, type: ElementType, dims: readonly Dimension[]): object {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

function externalInitializer(name: string, tensor: ExternalTensor): object {
  const externalData = [
    { key: 'location', value: tensor.file },
    { key: 'offset', value: String(tensor.byteOffset) },
    { key: 'length', value: String(tensor.sizeBytes) },
  ];
  return {
    name,
    dims: tensor.shape,
    dataType: elementTypes[tensor.type],
    externalData,
    dataLocation: externalLocation,
  };
}

function elementTypeOf(values: Float32Array | BigInt64Array | Int32Array | Uint8Array): ElementType {
  if (values instanceof Float32Array) return 'float32';
  if (values instanceof BigInt64Array) return 'int64';
  return values instanceof Int32Array ? 'int32' : 'uint8';
}

function encodeAttribute(name: string, value: Attribute): object {
  if (typeof value === 'number') return { name, type: attributeTypes.int, i: value };
  if (typeof value === 'string')
    return { name, type: attributeTypes.string, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: attributeTypes.ints, ints: value };
  return { name, type: attributeTypes.float, f: value.float };
}
