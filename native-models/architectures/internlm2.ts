/** InternLM2's code, which the published 9B uses for its InternLM3-8B: a decoder whose q, k and v are one matrix, group by group. */

import type { Value } from '../onnx/graph.ts';
import type { NewTokens } from './cached-attention.ts';
import type { LayerInput } from './decoder.ts';
import { linear, type NetworkBuilder, shape } from './layers.ts';
import type { DecoderConfig } from './model-config.ts';
import type { Parameter } from './parameters.ts';

/** Source names of what lies around the layers. */
export const internLm2Sources = { tokenTable: 'tok_embeddings.weight', lmHead: 'output.weight' };

/** What the layers and the last norm need from a checkpoint, by names without wrapper (modeling_internlm2.py). */
export function internLm2Parameters(config: DecoderConfig): Parameter[] {
  const { hiddenSize: hidden, intermediateSize: intermediate, headCount, kvHeadCount, headDim } = config;
  const norm = (name: string, source: string): Parameter => ({
    kind: 'tensor',
    name,
    source,
    shape: [hidden],
  });
  const product = (
    name: string,
    inputs: number,
    { sources, rows, bias = false }: { sources: string[]; rows: number; bias?: boolean },
  ): Parameter => ({
    kind: 'linear',
    name,
    inputs,
    weight: sources.map((source) => ({ source: `${source}.weight`, rows })),
    ...(bias && { bias: sources.map((source) => `${source}.bias`) }),
  });
  const parameters: Parameter[] = [norm('decoder.norm.weight', 'norm.weight')];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const name = `decoder.${layer}`;
    const from = `layers.${layer}`;
    const bias = config.attentionBias;
    const attentionRows = (headCount + 2 * kvHeadCount) * headDim;
    parameters.push(
      norm(`${name}.norm1.weight`, `${from}.attention_norm.weight`),
      product(`${name}.qkv`, hidden, { sources: [`${from}.attention.wqkv`], rows: attentionRows, bias }),
      product(`${name}.o`, headCount * headDim, { sources: [`${from}.attention.wo`], rows: hidden, bias }),
      norm(`${name}.norm2.weight`, `${from}.ffn_norm.weight`),
      product(`${name}.gate_up`, hidden, {
        sources: [`${from}.feed_forward.w1`, `${from}.feed_forward.w3`],
        rows: intermediate,
      }),
      product(`${name}.down`, intermediate, { sources: [`${from}.feed_forward.w2`], rows: hidden }),
    );
  }
  return parameters;
}

/**
 * `wqkv` holds each group's query heads, then its key head, then its value head. x [batch, new, hidden] → rotated
 * queries and keys, and values.
 */
export function projectInternLm2(builder: NetworkBuilder, x: Value, input: LayerInput): NewTokens {
  const { graph } = builder;
  const { headCount, kvHeadCount, headDim } = input.config;
  const group = headCount / kvHeadCount;
  const name = `decoder.${input.layer}`;
  const qkv = linear(builder, x, `${name}.qkv`);
  const byGroup = graph.op('Reshape', [qkv, shape(graph, 0, 0, kvHeadCount, group + 2, headDim)]);
  const cut = (value: Value, ...heads: [number, number]) =>
    graph.ops('Split', [value, shape(graph, ...heads)], 2, { axis: 3 }) as [Value, Value];
  const flat = (value: Value) => graph.op('Reshape', [value, shape(graph, 0, 0, -1)]);

  const [queryKey, value] = cut(byGroup, group + 1, 1); // [batch, new, kvHeads, group + 1, headDim], […, 1, headDim]
  const { rotaryIndex, cos, sin } = input.step;
  const rotated = graph.op('RotaryEmbedding', [flat(queryKey), rotaryIndex, cos, sin]); // head by head, in any order
  const [query, key] = cut(
    graph.op('Reshape', [rotated, shape(graph, 0, 0, kvHeadCount, group + 1, headDim)]),
    group,
    1,
  );
  return { query: flat(query), key: flat(key), value: flat(value) };
}
