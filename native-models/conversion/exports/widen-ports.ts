/** Gives a graph float32 inputs and outputs where an export has 16 bits there: one kind of tensor for the engine. */
import type { OnnxGraph, OnnxNode, OnnxPort } from '../../onnx/read-graph.ts';
import { elementTypes } from '../../onnx/schema.ts';
import { shownName } from '../../weights/shown-name.ts';
import { unsupported } from './check-graph.ts';

/** Types a port may have, by whether it carries numbers of the model or counts. */
const realTypes: number[] = [elementTypes.float32, elementTypes.float16];
const countTypes: number[] = [elementTypes.int64, elementTypes.bool];

/**
 * Puts a Cast behind each 16-bit input and in front of each 16-bit output, and says whether there was one.
 * @throws AppError `checkpoint_unsupported` for a port of another type
 */
export function widenPorts(graph: OnnxGraph, file: string): boolean {
  for (const port of [...graph.input, ...graph.output]) refuseOtherType(port, file);
  const inputs = graph.input.filter(isHalf);
  const outputs = graph.output.filter(isHalf);
  const inner = new Map([...inputs, ...outputs].map(({ name }) => [name, `${name}@float16`]));
  rename(graph, inner);
  for (const port of [...inputs, ...outputs]) port.type!.tensorType!.elemType = elementTypes.float32;
  graph.node.unshift(...inputs.map(({ name }) => cast(name, inner.get(name)!, elementTypes.float16)));
  graph.node.push(...outputs.map(({ name }) => cast(inner.get(name)!, name, elementTypes.float32)));
  return inner.size > 0;
}

function refuseOtherType(port: OnnxPort, file: string): void {
  const type = port.type?.tensorType?.elemType ?? 0;
  if ([...realTypes, ...countTypes].includes(type)) return;
  throw unsupported(
    file,
    `its input or output ${shownName(port.name)} is of a type that the engine does not give`,
  );
}

function isHalf({ type }: OnnxPort): boolean {
  return type?.tensorType?.elemType === elementTypes.float16;
}

/** Within nodes and their branches, which see the names around them. */
function rename(graph: OnnxGraph, names: ReadonlyMap<string, string>): void {
  const renamed = (name: string) => names.get(name) ?? name;
  for (const node of graph.node) {
    node.input = node.input.map(renamed);
    node.output = node.output.map(renamed);
    for (const { g, graphs } of node.attribute) {
      for (const branch of [g, ...graphs]) {
        if (!branch) continue;
        rename(branch, names);
        for (const port of branch.output) port.name = renamed(port.name);
      }
    }
  }
}

function cast(from: string, into: string, to: number): OnnxNode {
  const attribute = [{ name: 'to', type: 2, i: to, tensors: [], graphs: [], sparseTensors: [] }];
  return { opType: 'Cast', domain: '', input: [from], output: [into], attribute };
}
