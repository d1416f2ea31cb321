/** The part of ONNX's protobuf schema that our graphs and imported ones use (onnx/onnx.proto3, IR version 10; field numbers are ONNX's). */
import protobuf from 'protobufjs/light.js';

/** ONNX element types by the names we use for them (TensorProto.DataType). */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const;

export type ElementType = keyof typeof elementTypes;

/** AttributeProto.AttributeType: which field of an attribute holds its value. */
export const attributeTypes = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

/** TensorProto.DataLocation.EXTERNAL: the bytes lie in a file beside the graph. */
export const externalLocation = 1;

const field = (id: number, type: string) => ({ id, type });
const repeated = (id: number, type: string) => ({ id, type, rule: 'repeated' });

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: repeated(8, 'OperatorSetIdProto'),
        trainingInfo: repeated(20, 'bytes'), // seen only to be refused, as sparse tensors and functions are
        functions: repeated(25, 'bytes'),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    GraphProto: {
      fields: {
        node: repeated(1, 'NodeProto'),
        name: field(2, 'string'),
        initializer: repeated(5, 'TensorProto'),
        input: repeated(11, 'ValueInfoProto'),
        output: repeated(12, 'ValueInfoProto'),
        sparseInitializer: repeated(15, 'bytes'),
      },
    },
    NodeProto: {
      fields: {
        input: repeated(1, 'string'),
        output: repeated(2, 'string'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: repeated(5, 'AttributeProto'),
        domain: field(7, 'string'),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        t: field(5, 'TensorProto'),
        g: field(6, 'GraphProto'),
        floats: repeated(7, 'float'),
        ints: repeated(8, 'int64'),
        strings: repeated(9, 'bytes'),
        tensors: repeated(10, 'TensorProto'),
        graphs: repeated(11, 'GraphProto'),
        type: field(20, 'int32'),
        sparseTensor: field(22, 'bytes'),
        sparseTensors: repeated(23, 'bytes'),
      },
    },
    TensorProto: {
      fields: {
        dims: repeated(1, 'int64'),
        dataType: field(2, 'int32'),
        floatData: repeated(4, 'float'),
        int32Data: repeated(5, 'int32'),
        int64Data: repeated(7, 'int64'),
        doubleData: repeated(10, 'double'),
        uint64Data: repeated(11, 'uint64'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
        externalData: repeated(13, 'StringStringEntryProto'),
        dataLocation: field(14, 'int32'),
      },
    },
    StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TensorTypeProto') } },
    TensorTypeProto: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TensorShapeProto: { fields: { dim: repeated(1, 'DimensionProto') } },
    DimensionProto: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
  },
});

/** The whole of a graph file. */
export const modelProto = root.lookupType('ModelProto');

/** Serialises a ModelProto given as a plain object with the field names above. */
export function encodeModelProto(model: object): Uint8Array {
  return modelProto.encode(modelProto.fromObject(model)).finish();
}
