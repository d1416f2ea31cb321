/** Reads what an exported graph takes and gives, by the names that transformers.js knows. */
import type { DecoderConfig } from '../../architectures/model-config.ts';
import type { OnnxGraph, OnnxPort } from '../../onnx/read-graph.ts';
import { shownName } from '../../weights/shown-name.ts';
import { unsupported } from './check-graph.ts';
import type { ExportPart } from './find-export-files.ts';

/** What each graph may take beside keys and values; the first is always there. */
const inputs: Record<ExportPart, string[]> = {
  vision: ['pixel_values'],
  tokens: ['input_ids'],
  decoder: ['inputs_embeds', 'attention_mask', 'position_ids', 'num_logits_to_keep', 'use_cache_branch'],
};
const outputs: Record<ExportPart, string> = {
  vision: 'image_features',
  tokens: 'inputs_embeds',
  decoder: 'logits',
};
const pastInput = /^past_key_values\.(\d{1,3})\.(key|value)$/;

/** @throws AppError `checkpoint_unsupported` naming the input that the engine could not give, or what is missing */
export function checkPorts(graph: OnnxGraph, part: ExportPart, file: string): void {
  const taken = inputsOf(graph);
  const known = ({ name }: OnnxPort) =>
    inputs[part].includes(name) || (part === 'decoder' && pastInput.test(name));
  const unknown = taken.find((port) => !known(port));
  if (unknown) throw unsupported(file, `it asks for an input ${shownName(unknown.name)}`);
  const missing = inputs[part].slice(0, 1).find((name) => taken.every((port) => port.name !== name));
  if (missing) throw unsupported(file, `it takes no ${missing}`);
  if (graph.output.every(({ name }) => name !== outputs[part])) {
    throw unsupported(file, `it gives no ${outputs[part]}`);
  }
}

/**
 * Layers and heads as the decoder's past has them: `past_key_values.N.key` is [batch, heads, past, width].
 * @throws AppError `checkpoint_unsupported` where they are not alike, or the present is not given back for each
 */
export function readCacheShape(
  graph: OnnxGraph,
  file: string,
): Pick<DecoderConfig, 'layerCount' | 'kvHeadCount' | 'headDim'> {
  const past = inputsOf(graph).filter(({ name }) => pastInput.test(name));
  const given = new Set(graph.output.map(({ name }) => name));
  const layerCount = past.length / 2;
  const shapes = new Set(past.map((port) => JSON.stringify(headsOf(port))));
  const shape = past[0] && headsOf(past[0]);
  const isWhole = Array.from({ length: layerCount }, (_, layer) => layer).every((layer) =>
    ['key', 'value'].every(
      (kind) =>
        past.some(({ name }) => name === `past_key_values.${layer}.${kind}`) &&
        given.has(`present.${layer}.${kind}`),
    ),
  );
  if (!shape || shapes.size !== 1 || !isWhole) {
    throw unsupported(file, 'its keys and values are not the same for all layers, in and out');
  }
  return { layerCount, ...shape };
}

/** Inputs that somebody must give: older files list their weights among them. */
function inputsOf(graph: OnnxGraph): OnnxPort[] {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  return graph.input.filter(({ name }) => !weights.has(name));
}

function headsOf({ type }: OnnxPort): { kvHeadCount: number; headDim: number } | null {
  const dims = type?.tensorType?.shape?.dim ?? [];
  const size = (at: number) => Number(dims[at]?.dimValue ?? 0);
  return dims.length === 4 && size(1) > 0 && size(3) > 0 ? { kvHeadCount: size(1), headDim: size(3) } : null;
}
