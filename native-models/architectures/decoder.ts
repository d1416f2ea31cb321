/** The language model as a graph: which file's layers, what lies around them, and one run's inputs and outputs. */
import type { Value } from '../onnx/graph.ts';
import { attendOverCache, type NewTokens } from './cached-attention.ts';
import { prepareStep, type Step } from './decoder-step.ts';
import { internLm2Parameters, internLm2Sources, projectInternLm2 } from './internlm2.ts';
import { linear, type NetworkBuilder, rmsNorm, shape, swiGlu } from './layers.ts';
import { lmHeadRows, writeLogits } from './lm-head.ts';
import type { DecoderConfig } from './model-config.ts';
import type { LayerRange, LinearParameter, Parameter } from './parameters.ts';
import { projectQwen2, qwen2Parameters, qwen2Sources } from './qwen2.ts';

/** What a layer is written from, beside its input. */
export interface LayerInput {
  config: DecoderConfig;
  layer: number;
  step: Step;
}

/** Where they differ: names in a checkpoint, and how attention's matrix is cut. Each in the file of its name. */
const architectures = {
  qwen2: { parameters: qwen2Parameters, sources: qwen2Sources, project: projectQwen2 },
  internlm2: { parameters: internLm2Parameters, sources: internLm2Sources, project: projectInternLm2 },
};

/** What the layers and the last norm need from a checkpoint. lm_head and the token table are apart. */
export function decoderParameters(config: DecoderConfig): Parameter[] {
  return architectures[config.architecture].parameters(config);
}

/** The token table's source name; also lm_head's where the two are tied. */
export function tokenTableSource(config: DecoderConfig): string {
  return architectures[config.architecture].sources.tokenTable;
}

/** lm_head as a linear parameter [vocabulary, hidden], from its own tensor or from the token table. */
export function lmHeadParameter(config: DecoderConfig): LinearParameter {
  const source = config.tiedEmbeddings
    ? tokenTableSource(config)
    : architectures[config.architecture].sources.lmHead;
  return {
    kind: 'linear',
    name: 'decoder.lm_head',
    inputs: config.hiddenSize,
    weight: [{ source, rows: config.vocabularySize }],
  };
}

/** The same beside a 4-bit one, for weighing single tokens. */
export function lmHeadRowsParameter(config: DecoderConfig): LinearParameter {
  return { ...lmHeadParameter(config), name: lmHeadRows, isByRows: true };
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
export function writeDecoder(builder: NetworkBuilder, config: DecoderConfig, layers: LayerRange): void {
  const { graph, tensors } = builder;
  const hidden = graph.input('hidden', 'float32', ['batch', 'new', config.hiddenSize]);
  const step = prepareStep(builder, config, layers.first);
  let x = hidden; // [batch, new, hidden]
  for (let layer = layers.first; layer < layers.end; layer++) {
    x = writeLayer(builder, x, { config, layer, step });
  }
  if (layers.end < config.layerCount || !tensors.has('decoder.lm_head.weight')) {
    graph.output('states', x, 'float32', ['batch', 'new', config.hiddenSize]);
    return;
  }
  const rows = graph.input('logit_rows', 'int64', ['picked']);
  const flat = graph.op('Reshape', [x, shape(graph, -1, config.hiddenSize)]); // [batch · new, hidden]
  writeLmHead(builder, graph.op('Gather', [flat, rows], { axis: 0 }), config);
}

/** One layer: x [batch, new, hidden] → same. */
export function writeLayer(builder: NetworkBuilder, x: Value, input: LayerInput): Value {
  const { graph } = builder;
  const name = `decoder.${input.layer}`;
  const seen = attendOverCache(builder, projectTokens(builder, x, input), input);
  const attended = graph.op('Add', [x, linear(builder, seen, `${name}.o`)]);
  const normed = rmsNorm(builder, attended, { name: `${name}.norm2`, epsilon: input.config.rmsNormEpsilon });
  return graph.op('Add', [attended, swiGlu(builder, normed, name)]);
}

/** A layer's queries, keys and values of x [batch, new, hidden], as its architecture cuts them. */
export function projectTokens(builder: NetworkBuilder, x: Value, input: LayerInput): NewTokens {
  const { architecture, rmsNormEpsilon: epsilon } = input.config;
  const normed = rmsNorm(builder, x, { name: `decoder.${input.layer}.norm1`, epsilon });
  return architectures[architecture].project(builder, normed, input);
}

/** Final norm and lm_head over picked rows [picked, hidden] → `logits` [picked, vocabulary]. */
function writeLmHead(builder: NetworkBuilder, picked: Value, config: DecoderConfig): void {
  const normed = rmsNorm(builder, picked, { name: 'decoder.norm', epsilon: config.rmsNormEpsilon });
  const logits = writeLogits(builder, normed, config);
  builder.graph.output('logits', logits, 'float32', ['picked', config.vocabularySize]);
}
