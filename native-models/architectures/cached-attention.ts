/** Attention of new tokens over a sequence's past and themselves: the one part of a decoder that knows the cache's layout. */
import type { Value } from '../onnx/graph.ts';
import type { LayerInput } from './decoder.ts';
import { type NetworkBuilder, shape } from './layers.ts';
import type { DecoderConfig } from './model-config.ts';

/** Of the new tokens, heads side by side, query and key rotated. A group's query heads lie together, as its key-value head's. */
export interface NewTokens {
  query: Value; // [batch, new, heads · headDim]
  key: Value; // [batch, new, kvHeads · headDim]
  value: Value; // [batch, new, kvHeads · headDim]
}

/**
 * Grouped-query attention over prefix, tail and the new tokens themselves → [batch, new, heads · headDim]. Reads the
 * layer's past from the graph's inputs and puts its new keys and values out. The query heads of a group are folded
 * into rows, so one product reads each cached key and value once for the whole group.
 */
export function attendOverCache(builder: NetworkBuilder, fresh: NewTokens, input: LayerInput): Value {
  const { graph } = builder;
  const { config, layer, step } = input;
  const { headCount, kvHeadCount, headDim } = config;
  const group = headCount / kvHeadCount;
  const byHead = (flat: Value) =>
    graph.op('Transpose', [graph.op('Reshape', [flat, shape(graph, 0, 0, kvHeadCount, headDim)])], {
      perm: [0, 2, 1, 3],
    });
  const newKey = byHead(fresh.key); // [batch, kvHeads, new, headDim]
  const newValue = byHead(fresh.value);
  const grouped = graph.op('Reshape', [fresh.query, shape(graph, 0, 0, kvHeadCount, group, headDim)]);
  const moved = graph.op('Transpose', [grouped], { perm: [0, 2, 3, 1, 4] }); // [batch, kvHeads, group, new, headDim]
  const query = graph.op('Reshape', [moved, shape(graph, 0, kvHeadCount, -1, headDim)]); // [batch, kvHeads, group · new, headDim]

  const past = pastInputs(builder, config, layer);
  const scale = { transB: 1, alpha: { float: 1 / Math.sqrt(headDim) } };
  const scoresOf = (key: Value) => graph.op('FusedMatMul', [query, key], scale);
  const scores = graph.op('Concat', [scoresOf(past.prefixKey), scoresOf(past.tailKey), scoresOf(newKey)], {
    axis: -1,
  });
  const masked = graph.op('Add', [graph.op('Reshape', [scores, step.scoreShape]), step.mask]);
  const weights = graph.op('Reshape', [graph.op('Softmax', [masked], { axis: -1 }), step.foldedShape]);
  const parts = graph.ops('Split', [weights, step.columnSplit], 3, { axis: -1 });
  const [fromPrefix, fromTail, fromNew] = [past.prefixValue, past.tailValue, newValue].map((value, index) =>
    graph.op('MatMul', [parts[index], value]),
  );
  const attended = graph.op('Add', [graph.op('Add', [fromPrefix, fromTail]), fromNew]);

  const unfolded = graph.op('Reshape', [attended, shape(graph, 0, kvHeadCount * group, -1, headDim)]);
  const heads = graph.op('Transpose', [unfolded], { perm: [0, 2, 1, 3] }); // [batch, new, heads, headDim]
  graph.output(`new_key.${layer}`, newKey, 'float32', ['batch', kvHeadCount, 'new', headDim]);
  graph.output(`new_value.${layer}`, newValue, 'float32', ['batch', kvHeadCount, 'new', headDim]);
  return graph.op('Reshape', [heads, shape(graph, 0, 0, headCount * headDim)]);
}

interface PastInputs {
  prefixKey: Value;
  prefixValue: Value;
  tailKey: Value;
  tailValue: Value;
}

function pastInputs(
  { graph }: NetworkBuilder,
  { kvHeadCount, headDim }: DecoderConfig,
  layer: number,
): PastInputs {
  const prefixDims = [1, kvHeadCount, 'prefix', headDim];
  const tailDims = ['batch', kvHeadCount, 'capacity', headDim];
  return {
    prefixKey: graph.input(`prefix_key.${layer}`, 'float32', prefixDims),
    prefixValue: graph.input(`prefix_value.${layer}`, 'float32', prefixDims),
    tailKey: graph.input(`tail_key.${layer}`, 'float32', tailDims),
    tailValue: graph.input(`tail_value.${layer}`, 'float32', tailDims),
  };
}
