/** Reads an ONNX file that somebody else wrote into plain parts, and writes what was read: nothing unread stays in it. */
import protobuf from 'protobufjs/light.js';
import { modelProto } from './schema.ts';

/** A tensor inside a graph file; its bytes lie in the file, or where `externalData` says. */
export interface OnnxTensor {
  name: string;
  dims: number[];
  dataType: number;
  dataLocation: number;
  externalData: { key: string; value: string }[];
}

export interface OnnxAttribute {
  name: string;
  type?: number;
  i?: number;
  t?: OnnxTensor;
  g?: OnnxGraph;
  tensors: OnnxTensor[];
  graphs: OnnxGraph[];
  sparseTensor?: Uint8Array;
  sparseTensors: Uint8Array[];
}

export interface OnnxNode {
  opType: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: OnnxAttribute[];
}

/** An input or output; a dimension is a number, or the name of a size known at run time. */
export interface OnnxPort {
  name: string;
  type?: { tensorType?: { elemType: number; shape?: { dim: { dimValue?: number; dimParam?: string }[] } } };
}

export interface OnnxGraph {
  node: OnnxNode[];
  initializer: OnnxTensor[];
  input: OnnxPort[];
  output: OnnxPort[];
  sparseInitializer: Uint8Array[];
}

export interface OnnxModel {
  graph?: OnnxGraph;
  opsetImport: { domain: string; version: number }[];
  functions: Uint8Array[];
  trainingInfo: Uint8Array[];
}

/**
 * Parses a model file. Sizes and offsets may come as `Long`: `Number()` of them is exact up to 2⁵³, more than any file.
 * @throws Error where the bytes are no model; the words are the parser's
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = true;
  return modelProto.decode(reader) as unknown as OnnxModel;
}

/** Writes a model that `decodeModel` read: what ONNX Runtime gets is what was looked through, whatever else the file held. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return modelProto.encode(model as object as protobuf.Message).finish();
}
