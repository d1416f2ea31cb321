/** Pixel unshuffle and the two-layer MLP: patch states become visual tokens in the decoder's space. */

import type { Value } from '../onnx/graph.ts';
import { layerNorm, linear, type NetworkBuilder, shape } from './layers.ts';
import { type ModelConfig, mergedPatchesPerSide, mergedPatchSize } from './model-config.ts';
import type { CheckpointLayout, Parameter } from './parameters.ts';

/** LayerNorm's default epsilon in torch: `mlp1.0` is a plain nn.LayerNorm. */
const epsilon = 1e-5;

/** What the projector needs from a checkpoint: `mlp1.{0,1,3}` in the originals. */
export function projectorParameters(config: ModelConfig, layout: CheckpointLayout): Parameter[] {
  const original = layout === 'original';
  const merged = mergedPatchSize(config);
  const hidden = config.decoder.hiddenSize;
  const norm = original ? 'mlp1.0' : 'multi_modal_projector.layer_norm';
  const linearFrom = (name: string, source: string, inputs: number): Parameter => ({
    kind: 'linear',
    name,
    inputs,
    weight: [{ source: `${source}.weight`, rows: hidden }],
    bias: [`${source}.bias`],
  });
  return [
    { kind: 'tensor', name: 'projector.norm.weight', source: `${norm}.weight`, shape: [merged] },
    { kind: 'tensor', name: 'projector.norm.bias', source: `${norm}.bias`, shape: [merged] },
    linearFrom('projector.fc1', original ? 'mlp1.1' : 'multi_modal_projector.linear_1', merged),
    linearFrom('projector.fc2', original ? 'mlp1.3' : 'multi_modal_projector.linear_2', hidden),
  ];
}

/** patch states [tiles, 1 + patches, c] → visual tokens [tiles, patches / 4, hidden] (at ratio 0.5). */
export function projectPatches(builder: NetworkBuilder, states: Value, config: ModelConfig): Value {
  const { graph } = builder;
  const end = Number.MAX_SAFE_INTEGER;
  const patches = graph.op('Slice', [states, shape(graph, 1), shape(graph, end), shape(graph, 1)]); // class token dropped
  const merged = unshufflePixels(builder, patches, config);
  const normed = layerNorm(builder, merged, { name: 'projector.norm', epsilon });
  const raised = graph.op('Gelu', [linear(builder, normed, 'projector.fc1')]);
  return linear(builder, raised, 'projector.fc2');
}

/** Pixel unshuffle, ps_version v2 (modeling_internvl_chat.py, pixel_shuffle): [tiles, side², c] → [tiles, (side/2)², 4c]. */
function unshufflePixels({ graph }: NetworkBuilder, patches: Value, config: ModelConfig): Value {
  const side = config.vision.imageSize / config.vision.patchSize;
  const merge = mergedPatchesPerSide(config);
  const width = config.vision.hiddenSize;
  const short = side / merge;
  // The two view-and-permute steps of the original are one permutation of [tiles, row, rowIn, column, columnIn, c].
  const split = graph.op('Reshape', [patches, shape(graph, 0, short, merge, short, merge, width)]);
  const moved = graph.op('Transpose', [split], { perm: [0, 1, 3, 2, 4, 5] });
  return graph.op('Reshape', [moved, shape(graph, 0, short * short, merge * merge * width)]);
}
