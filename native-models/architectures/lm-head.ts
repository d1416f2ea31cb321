/** lm_head: final states → a logit for every token. Read in 4 bits, its likeliest tokens are weighed again in 8. */
import type { Value } from '../onnx/graph.ts';
import { gpuProduct } from './gpu-layers.ts';
import { linear, type NetworkBuilder, type StoredTensors } from './layers.ts';
import type { DecoderConfig } from './model-config.ts';

const name = 'decoder.lm_head';

/** The same weights once more, in int8 and row by row, so that single tokens can be picked. */
export const lmHeadRows = `${name}.rows`;

/**
 * Tokens weighed again: the 4-bit product finds them, and what is not among them has its 4-bit logit. On 0.5B
 * that costs a ninth of what 4 bits alone do (0.0023 instead of 0.0199 nats), and a step reads 76 MB of it, not 136.
 */
export const weighedAgain = 128;

/** normed [picked, hidden] → logits [picked, vocabulary], in whichever form the head is stored. */
export function writeLogits(builder: NetworkBuilder, normed: Value, config: DecoderConfig): Value {
  const { tensors, gpu } = builder;
  if (!canWeighAgain(tensors)) return linear(builder, normed, name);
  if (gpu) return gpuProduct(builder, gpu, { x: normed, name: lmHeadRows, isByRows: true });
  return weighAgain(builder, { normed, logits: linear(builder, normed, name), config });
}

/** A check may have widened the head itself: then there is nothing to do better. */
function canWeighAgain(tensors: StoredTensors): boolean {
  return tensors.get(`${name}.weight`)?.type === 'uint8' && tensors.has(`${lmHeadRows}.weight`);
}

function weighAgain(
  { graph, tensors }: NetworkBuilder,
  { normed, logits, config }: { normed: Value; logits: Value; config: DecoderConfig },
): Value {
  const lastAxis = graph.constant(BigInt64Array.of(-1n));
  const count = graph.constant(BigInt64Array.of(BigInt(Math.min(weighedAgain, config.vocabularySize))));
  const [, tokens] = graph.ops('TopK', [logits, count], 2, { axis: -1, sorted: 0 }) as [Value, Value]; // [picked, 128]
  const pick = (part: 'weight' | 'weight_scale') => {
    const stored = `${lmHeadRows}.${part}`;
    return graph.op('Gather', [graph.initializer(stored, tensors.get(stored)!), tokens], { axis: 0 });
  };
  const rows = graph.op('Cast', [pick('weight')], { to: 1 }); // [picked, 128, hidden]
  const products = graph.op('MatMul', [rows, graph.op('Unsqueeze', [normed, lastAxis])]); // [picked, 128, 1]
  const weighed = graph.op('Mul', [graph.op('Squeeze', [products, lastAxis]), pick('weight_scale')]);
  return graph.op('ScatterElements', [logits, tokens, weighed], { axis: 1 });
}
