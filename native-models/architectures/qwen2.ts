/** Qwen2.5: the language model that reads visual tokens and text and predicts the next token. */

import type { Value } from '../onnx/graph.ts';
import { prepareStep, type Step } from './decoder-step.ts';
import { linear, type NetworkBuilder, rmsNorm, shape } from './layers.ts';
import type { DecoderConfig } from './model-config.ts';
import type { LayerRange, LinearParameter, Parameter } from './parameters.ts';

/** What the decoder needs from a checkpoint, by names without wrapper (modeling_qwen2.py). lm_head and the table are apart. */
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
        bias: qkv.map(({ source }) => `${source}.bias`),
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

/** The token table's source name; also lm_head's where the two are tied. */
export const tokenTableSource = 'embed_tokens.weight';

/** lm_head as a linear parameter [vocabulary, hidden], from its own tensor or from the token table. */
export function lmHeadParameter(config: DecoderConfig): LinearParameter {
  const source = config.tiedEmbeddings ? tokenTableSource : 'lm_head.weight';
  return {
    kind: 'linear',
    name: 'decoder.lm_head',
    inputs: config.hiddenSize,
    weight: [{ source, rows: config.vocabularySize }],
  };
}

/**
 * Writes the decoder, or the stage of it in `layers`, as one graph.
 *
 * Inputs: `hidden` [batch, new, hidden] (token embeddings and visual tokens, or the last stage's states),
 * `positions` [batch, new] float32 (fractions allowed, V2PE), `tail_lengths` [batch] int64, and per layer
 * `prefix_key.N`/`prefix_value.N` [1, kvHeads, prefix, headDim] (shared, fully visible, may be empty) and
 * `tail_key.N`/`tail_value.N` [batch, kvHeads, capacity, headDim] (the first tail_lengths rows are visible).
 * Outputs: `new_key.N`/`new_value.N` [batch, kvHeads, new, headDim], which the caller writes behind the tail, and
 * `states` [batch, new, hidden] (before the last stage, or where no lm_head is stored yet) or `logits` [picked, vocabulary] for the rows of
 * `logit_rows` [picked] int64 (index into batch · new; the last stage's own input).
 *
 * Past keys and values are inputs only: ONNX Runtime's Node binding copies every fetched output, so a cache that
 * came back each step would cost time in proportion to the context.
 */
export function writeQwen2(builder: NetworkBuilder, config: DecoderConfig, layers: LayerRange): void {
  const { graph, tensors } = builder;
  const hiddenInput = graph.input('hidden', 'float32', ['batch', 'new', config.hiddenSize]);
  const step = prepareStep(builder, config, layers.first);
  let x = hiddenInput; // [batch, new, hidden]
  for (let layer = layers.first; layer < layers.end; layer++) {
    const name = `decoder.${layer}`;
    const epsilon = config.rmsNormEpsilon;
    const normed = rmsNorm(builder, x, { name: `${name}.norm1`, epsilon });
    x = graph.op('Add', [x, attend(builder, normed, { config, layer, step })]);
    const normedAgain = rmsNorm(builder, x, { name: `${name}.norm2`, epsilon });
    x = graph.op('Add', [x, feedForward(builder, normedAgain, name)]);
  }
  if (layers.end < config.layerCount || !tensors.has('decoder.lm_head.weight')) {
    graph.output('states', x, 'float32', ['batch', 'new', config.hiddenSize]);
    return;
  }
  const rows = graph.input('logit_rows', 'int64', ['picked']);
  const flat = graph.op('Reshape', [x, shape(graph, -1, config.hiddenSize)]); // [batch · new, hidden]
  writeLmHead(builder, graph.op('Gather', [flat, rows], { axis: 0 }), config);
}

/** Final norm and lm_head over picked rows [picked, hidden] → `logits` [picked, vocabulary]. */
function writeLmHead(builder: NetworkBuilder, picked: Value, config: DecoderConfig): void {
  const normed = rmsNorm(builder, picked, { name: 'decoder.norm', epsilon: config.rmsNormEpsilon });
  const logits = linear(builder, normed, 'decoder.lm_head');
  builder.graph.output('logits', logits, 'float32', ['picked', config.vocabularySize]);
}

/** SwiGLU: silu(gate) · up, gate and up from one product. */
function feedForward(builder: NetworkBuilder, x: Value, name: string): Value {
  const { graph } = builder;
  const [gate, up] = graph.ops('Split', [linear(builder, x, `${name}.gate_up`)], 2, {
    axis: -1,
    num_outputs: 2,
  });
  const activated = graph.op('QuickGelu', [gate], { alpha: { float: 1 } }); // x · sigmoid(x)
  return linear(builder, graph.op('Mul', [activated, up]), `${name}.down`);
}

/**
 * Grouped-query attention over prefix, tail and the new tokens themselves. The query heads of a group are folded
 * into rows, so one product reads each cached key and value once for the whole group.
 */
function attend(
  builder: NetworkBuilder,
  x: Value,
  { config, layer, step }: { config: DecoderConfig; layer: number; step: Step },
): Value {
  const { graph } = builder;
  const { headCount, kvHeadCount, headDim } = config;
  const group = headCount / kvHeadCount;
  const qkv = linear(builder, x, `decoder.${layer}.qkv`); // [batch, new, (heads + 2 · kvHeads) · headDim]
  const sizes = shape(graph, (headCount + kvHeadCount) * headDim, kvHeadCount * headDim);
  const [queryKey, valueFlat] = graph.ops('Split', [qkv, sizes], 2, { axis: -1 }) as [Value, Value];
  const rotated = graph.op('RotaryEmbedding', [queryKey, step.rotaryIndex, step.cos, step.sin]);
  const rotatedSizes = shape(graph, headCount * headDim, kvHeadCount * headDim);
  const [queryFlat, keyFlat] = graph.ops('Split', [rotated, rotatedSizes], 2, { axis: -1 }) as [Value, Value];

  const byHead = (flat: Value) =>
    graph.op('Transpose', [graph.op('Reshape', [flat, shape(graph, 0, 0, kvHeadCount, headDim)])], {
      perm: [0, 2, 1, 3],
    });
  const newKey = byHead(keyFlat); // [batch, kvHeads, new, headDim]
  const newValue = byHead(valueFlat);
  const grouped = graph.op('Reshape', [queryFlat, shape(graph, 0, 0, kvHeadCount, group, headDim)]);
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
  return linear(
    builder,
    graph.op('Reshape', [heads, shape(graph, 0, 0, headCount * headDim)]),
    `decoder.${layer}.o`,
  );
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
