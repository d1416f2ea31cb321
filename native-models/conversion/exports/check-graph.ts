/** Looks an imported graph through before ONNX Runtime sees it: listed operators only, data only in plain files beside it. */
import { AppError } from '../../../preload/contract/errors.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from '../../onnx/read-graph.ts';
import { shownName } from '../../weights/shown-name.ts';
import { allowedOperators } from './allowed-operators.ts';

/** Nodes of a graph with all that lie inside its branches; a decoder of 80 layers has a tenth of it. */
const mostNodes = 100_000;
/** Branches within branches. */
const deepest = 4;

/** A tensor whose bytes lie in a data file, as the graph says; nothing of it is believed yet. */
export interface ExternalReference {
  tensor: OnnxTensor;
  location: string;
  offset: number;
  /** What the tensor's shape and type need. */
  sizeBytes: number;
}

/** Bytes of one element by TensorProto.DataType; types that no weight is stored in are left out. */
const elementBytes = new Map<number, number>([
  [1, 4], // float
  [2, 1], // uint8
  [3, 1], // int8
  [4, 2], // uint16
  [5, 2], // int16
  [6, 4], // int32
  [7, 8], // int64
  [9, 1], // bool
  [10, 2], // float16
  [11, 8], // double
  [12, 4], // uint32
  [13, 8], // uint64
  [16, 2], // bfloat16
  [21, 1 / 2], // uint4
  [22, 1 / 2], // int4
]);

/** TensorProto.DataLocation.EXTERNAL */
const external = 1;

/**
 * Checks a whole model and lists what it wants from data files.
 * @throws AppError `checkpoint_unsupported` for what is not listed, `checkpoint_broken` for what contradicts itself,
 * `path_refused` for a location that is no plain sibling's name
 */
export function checkGraph(model: OnnxModel, file: string): ExternalReference[] {
  if (!model.graph) throw broken(file, 'it holds no graph');
  if (model.functions.length > 0 || model.trainingInfo.length > 0) {
    throw unsupported(file, 'it brings functions of its own');
  }
  const references: ExternalReference[] = [];
  let nodeCount = 0;
  const walk = (graph: OnnxGraph, depth: number) => {
    if (depth > deepest) throw unsupported(file, 'its branches lie too deep in each other');
    if (graph.sparseInitializer.length > 0) throw unsupported(file, 'it holds sparse tensors');
    nodeCount += graph.node.length;
    if (nodeCount > mostNodes) throw unsupported(file, `it has more than ${mostNodes} operators`);
    for (const tensor of graph.initializer) addReference(references, tensor, file);
    for (const node of graph.node) {
      refuseUnlisted(node, file);
      for (const attribute of node.attribute) {
        if (attribute.sparseTensor?.length || attribute.sparseTensors.length > 0) {
          throw unsupported(file, 'it holds sparse tensors');
        }
        for (const tensor of [attribute.t, ...attribute.tensors]) {
          if (tensor) addReference(references, tensor, file);
        }
        for (const branch of [attribute.g, ...attribute.graphs]) if (branch) walk(branch, depth + 1);
      }
    }
  };
  walk(model.graph, 0);
  return references;
}

function refuseUnlisted({ domain, opType }: OnnxNode, file: string): void {
  if (allowedOperators.get(domain)?.has(opType)) return;
  const name = domain === '' ? opType : `${domain}.${opType}`;
  throw unsupported(file, `its operator ${shownName(name)} is not one that this app lets in`);
}

function addReference(references: ExternalReference[], tensor: OnnxTensor, file: string): void {
  if (tensor.dataLocation !== external && tensor.externalData.length === 0) return;
  const name = shownName(tensor.name);
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  if (entries.size !== tensor.externalData.length || tensor.dataLocation !== external) {
    throw broken(file, `tensor ${name} says in two ways where it lies`);
  }
  const surplus = [...entries.keys()].find(
    (key) => !['location', 'offset', 'length', 'checksum'].includes(key),
  );
  if (surplus !== undefined)
    throw unsupported(file, `tensor ${name} says ${shownName(surplus)} of its place`);
  const location = entries.get('location') ?? '';
  if (!isPlainName(location)) {
    throw new AppError(
      'path_refused',
      `${file} wants data from ${shownName(location) || 'nowhere'}, which is no plain file beside it. Don't use this export.`,
    );
  }
  const sizeBytes = bytesOf(tensor, file);
  const offset = wholeNumber(entries.get('offset') ?? '0');
  const length = wholeNumber(entries.get('length') ?? String(sizeBytes));
  if (offset === null || length !== sizeBytes) {
    throw broken(file, `tensor ${name} does not fit the place it names`);
  }
  references.push({ tensor, location, offset, sizeBytes });
}

/** One name in the graph's own folder, as exporters write it. Windows' devices and streams need signs that it can't hold. */
function isPlainName(location: string): boolean {
  return (
    /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(location) &&
    !/^(con|nul|aux|prn|com\d|lpt\d)(\.|$)/i.test(location)
  );
}

function wholeNumber(text: string): number | null {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : null;
  return value;
}

function bytesOf({ dims, dataType, name }: OnnxTensor, file: string): number {
  const each = elementBytes.get(dataType);
  const sizes = dims.map(Number);
  const sizeBytes = Math.ceil(sizes.reduce((product, size) => product * size, each ?? Number.NaN));
  if (sizes.some((size) => size < 0) || !Number.isSafeInteger(sizeBytes)) {
    throw broken(file, `tensor ${shownName(name)} has an impossible shape or type`);
  }
  return sizeBytes;
}

/** An export's file that can't be what it says. */
export function broken(file: string, what: string): AppError {
  return new AppError('checkpoint_broken', `${file} is broken: ${what}. Get the export again.`);
}

/** An export's file that may be well-formed, but is not let in. */
export function unsupported(file: string, why: string): AppError {
  return new AppError('checkpoint_unsupported', `${file} can't run here: ${why}.`);
}
