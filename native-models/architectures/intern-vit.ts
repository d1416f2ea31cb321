/** InternViT, 300M and 6B: the vision transformer that turns each tile into patch states. */

import type { Value } from '../onnx/graph.ts';
import { attendAll } from './gpu-layers.ts';
import { layerNorm, linear, type NetworkBuilder, rmsNorm, shape, tensor } from './layers.ts';
import type { VisionConfig } from './model-config.ts';
import type { CheckpointLayout, LayerRange, Parameter } from './parameters.ts';

/** What the encoder needs from a checkpoint (names: modeling_intern_vit.py of the originals, modeling_internvl.py of transformers). */
export function internVitParameters(config: VisionConfig, layout: CheckpointLayout): Parameter[] {
  const { hiddenSize: hidden, patchSize } = config;
  const positions = (config.imageSize / patchSize) ** 2 + 1;
  const names = layout === 'original' ? originalNames : hfNames;
  const parameters: Parameter[] = [
    { kind: 'tensor', name: 'vision.class_embedding', source: names.classEmbedding, shape: [1, 1, hidden] },
    {
      kind: 'tensor',
      name: 'vision.position_embedding',
      source: names.positions,
      shape: [1, positions, hidden],
    },
    {
      kind: 'tensor',
      name: 'vision.patch.weight',
      source: `${names.patch}.weight`,
      shape: [hidden, 3, patchSize, patchSize],
    },
    { kind: 'tensor', name: 'vision.patch.bias', source: `${names.patch}.bias`, shape: [hidden] },
  ];
  for (let layer = 0; layer < config.layerCount; layer++) {
    parameters.push(...layerParameters(config, { layout, layer }));
  }
  return parameters;
}

const originalNames = {
  classEmbedding: 'vision_model.embeddings.class_embedding',
  positions: 'vision_model.embeddings.position_embedding',
  patch: 'vision_model.embeddings.patch_embedding',
};

const hfNames = {
  classEmbedding: 'vision_tower.embeddings.cls_token',
  positions: 'vision_tower.embeddings.position_embeddings',
  patch: 'vision_tower.embeddings.patch_embeddings.projection',
};

function layerParameters(
  config: VisionConfig,
  { layout, layer }: { layout: CheckpointLayout; layer: number },
): Parameter[] {
  const { hiddenSize: hidden, intermediateSize: intermediate } = config;
  const name = `vision.${layer}`;
  const original = layout === 'original';
  const from = original ? `vision_model.encoder.layers.${layer}` : `vision_tower.encoder.layer.${layer}`;
  const normParts = { layer: ['weight', 'bias'], rms: ['weight'] };
  const norm = (stored: string, source: string, kind = config.norm): Parameter[] =>
    normParts[kind].map((part) => ({
      kind: 'tensor',
      name: `${name}.${stored}.${part}`,
      source: `${from}.${source}.${part}`,
      shape: [hidden],
    }));
  const queryKeyNorms = ['q_norm', 'k_norm'].flatMap((part) =>
    norm(part, original ? `attn.${part}` : `attention.${part}`, 'rms'),
  );
  const qkv = original
    ? [{ source: 'attn.qkv', rows: 3 * hidden }]
    : ['q', 'k', 'v'].map((part) => ({ source: `attention.${part}_proj`, rows: hidden }));
  const single = (
    stored: string,
    source: string,
    sizes: { inputs: number; rows: number; rowScale?: string },
  ): Parameter => ({
    kind: 'linear',
    name: `${name}.${stored}`,
    inputs: sizes.inputs,
    weight: [{ source: `${from}.${source}.weight`, rows: sizes.rows }],
    bias: [`${from}.${source}.bias`],
    ...(sizes.rowScale && { rowScale: `${from}.${sizes.rowScale}` }),
  });
  return [
    ...norm('norm1', original ? 'norm1' : 'layernorm_before'),
    {
      kind: 'linear',
      name: `${name}.qkv`,
      inputs: hidden,
      weight: qkv.map(({ source, rows }) => ({ source: `${from}.${source}.weight`, rows })),
      ...(config.qkvBias && { bias: qkv.map(({ source }) => `${from}.${source}.bias`) }),
    },
    ...(config.queryKeyNorm ? queryKeyNorms : []),
    single('proj', original ? 'attn.proj' : 'attention.projection_layer', {
      inputs: hidden,
      rows: hidden,
      rowScale: original ? 'ls1' : 'lambda_1',
    }),
    ...norm('norm2', original ? 'norm2' : 'layernorm_after'),
    single('fc1', 'mlp.fc1', { inputs: hidden, rows: intermediate }),
    single('fc2', 'mlp.fc2', { inputs: intermediate, rows: hidden, rowScale: original ? 'ls2' : 'lambda_2' }),
  ];
}

/** pixel values [tiles, 3, image, image] → patch states with the class token in front [tiles, 1 + patches, hidden]. */
export function embedPatches(builder: NetworkBuilder, pixelValues: Value, config: VisionConfig): Value {
  const { graph } = builder;
  const { patchSize, hiddenSize } = config;
  const kernel = [tensor(builder, 'vision.patch.weight'), tensor(builder, 'vision.patch.bias')];
  const grid = graph.op('Conv', [pixelValues, ...kernel], {
    kernel_shape: [patchSize, patchSize],
    strides: [patchSize, patchSize],
  }); // [tiles, hidden, rows, columns]
  const flat = graph.op('Reshape', [grid, shape(graph, 0, hiddenSize, -1)]); // [tiles, hidden, patches]
  const patches = graph.op('Transpose', [flat], { perm: [0, 2, 1] }); // [tiles, patches, hidden]
  const tileCount = graph.op('Shape', [pixelValues], { start: 0, end: 1 });
  const classShape = graph.op('Concat', [tileCount, shape(graph, 1, hiddenSize)], { axis: 0 });
  const classToken = graph.op('Expand', [tensor(builder, 'vision.class_embedding'), classShape]);
  const states = graph.op('Concat', [classToken, patches], { axis: 1 }); // [tiles, 1 + patches, hidden]
  return graph.op('Add', [states, tensor(builder, 'vision.position_embedding')]);
}

/** Pre-norm transformer layers over the patch states; the layer scale already lies in proj's and fc2's weights. */
export function encodePatches(
  builder: NetworkBuilder,
  states: Value,
  { config, layers }: { config: VisionConfig; layers: LayerRange },
): Value {
  const { graph } = builder;
  let x = states; // [tiles, 1 + patches, hidden]
  for (let layer = layers.first; layer < layers.end; layer++) {
    const name = `vision.${layer}`;
    const attended = attend(builder, norm(builder, x, { config, name: `${name}.norm1` }), { config, name });
    x = graph.op('Add', [x, attended]);

    const normed = norm(builder, x, { config, name: `${name}.norm2` });
    const raised = graph.op('Gelu', [linear(builder, normed, `${name}.fc1`)]); // [tiles, 1 + patches, intermediate]
    x = graph.op('Add', [x, linear(builder, raised, `${name}.fc2`)]);
  }
  return x;
}

/** Every patch looks at every other: x [tiles, 1 + patches, hidden] → same. */
function attend(
  builder: NetworkBuilder,
  x: Value,
  { config, name }: { config: VisionConfig; name: string },
): Value {
  const { graph } = builder;
  const qkv = linear(builder, x, `${name}.qkv`); // [tiles, 1 + patches, 3 · hidden]
  const [queryFlat, keyFlat, value] = graph.ops('Split', [qkv], 3, { axis: -1, num_outputs: 3 }) as Value[];
  // The 6B norms queries and keys over all heads together, before they are cut into heads.
  const epsilon = config.layerNormEpsilon;
  const normed = (flat: Value, part: string) =>
    config.queryKeyNorm ? rmsNorm(builder, flat, { name: `${name}.${part}`, epsilon }) : flat;
  const query = normed(queryFlat!, 'q_norm');
  const key = normed(keyFlat!, 'k_norm');
  const attended = builder.gpu
    ? attendAll(builder, builder.gpu, { query, key, value: value!, headCount: config.headCount })
    : graph.op('MultiHeadAttention', [query, key, value], { num_heads: config.headCount });
  return linear(builder, attended, `${name}.proj`);
}

/** The 300M norms by mean and variance, the 6B by root mean square. */
function norm(
  builder: NetworkBuilder,
  x: Value,
  { config, name }: { config: VisionConfig; name: string },
): Value {
  const apply = config.norm === 'rms' ? rmsNorm : layerNorm;
  return apply(builder, x, { name, epsilon: config.layerNormEpsilon });
}
