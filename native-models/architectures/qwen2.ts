/** Qwen2.5: the language model that reads visual tokens and text and predicts the next token. */

import type { Value } from '../onnx/graph.ts';
import type { NewTokens } from './cached-attention.ts';
import type { LayerInput } from './decoder.ts';
import { linear, type NetworkBuilder, shape } from './layers.ts';
import type { DecoderConfig } from './model-config.ts';
import type { Parameter } from './parameters.ts';

/** Source names of what lies around the layers. */
export const qwen2Sources = { tokenTable: 'embed_tokens.weight', lmHead: 'lm_head.weight' };

/** What the layers and the last norm need from a checkpoint, by names without wrapper (modeling_qwen2.py). */
export function qwen2Parameters(config: DecoderConfig): Parameter[] {
  const { hiddenSize: hidden, intermediateSize: intermediate, headCount, kvHeadCount, headDim } = config;
  const norm = (name: string, source: string): Parameter => ({
    kind: 'tensor',
    name,
    source,
    shape: [hidden],
  });
  const parameters: Parameter[] = [norm('decoder.norm.weight', 'norm.weight')];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const name = `decoder.${layer}`;
    const from = `layers.${layer}`;
    const qkv = [
      { source: `${from}.self_attn.q_proj`, rows: headCount * headDim },
      { source: `${from}.self_attn.k_proj`, rows: kvHeadCount * headDim },
      { source: `${from}.self_attn.v_proj`, rows: kvHeadCount * headDim },
    ];
    parameters.push(
      norm(`${name}.norm1.weight`, `${from}.input_layernorm.weight`),
      {
        kind: 'linear',
        name: `${name}.qkv`,
        inputs: hidden,
        weight: qkv.map(({ source, rows }) => ({ source: `${source}.weight`, rows })),
        ...(config.attentionBias && { bias: qkv.map(({ source }) => `${source}.bias`) }),
      },
      {
        kind: 'linear',
        name: `${name}.o`,
        inputs: headCount * headDim,
        weight: [{ source: `${from}.self_attn.o_proj.weight`, rows: hidden }],
      },
      norm(`${name}.norm2.weight`, `${from}.post_attention_layernorm.weight`),
      {
        kind: 'linear',
        name: `${name}.gate_up`,
        inputs: hidden,
        weight: ['gate_proj', 'up_proj'].map((part) => ({
          source: `${from}.mlp.${part}.weight`,
          rows: intermediate,
        })),
      },
      {
        kind: 'linear',
        name: `${name}.down`,
        inputs: intermediate,
        weight: [{ source: `${from}.mlp.down_proj.weight`, rows: hidden }],
      },
    );
  }
  return parameters;
}

/** q, k and v come from one product, side by side. x [batch, new, hidden] → rotated queries and keys, and values. */
export function projectQwen2(builder: NetworkBuilder, x: Value, input: LayerInput): NewTokens {
  const { graph } = builder;
  const { headCount, kvHeadCount, headDim } = input.config;
  const name = `decoder.${input.layer}`;
  const qkv = linear(builder, x, `${name}.qkv`); // [batch, new, (heads + 2 · kvHeads) · headDim]
  const sizes = shape(graph, (headCount + kvHeadCount) * headDim, kvHeadCount * headDim);
  const [queryKey, value] = graph.ops('Split', [qkv, sizes], 2, { axis: -1 }) as [Value, Value];
  const { rotaryIndex, cos, sin } = input.step;
  const rotated = graph.op('RotaryEmbedding', [queryKey, rotaryIndex, cos, sin]);
  const rotatedSizes = shape(graph, headCount * headDim, kvHeadCount * headDim);
  const [query, key] = graph.ops('Split', [rotated, rotatedSizes], 2, { axis: -1 }) as [Value, Value];
  return { query, key, value };
}
