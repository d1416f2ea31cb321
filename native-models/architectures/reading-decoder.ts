/** The language model for reading a prompt: keys and values come out and no logits, by weights of its own. */
import type { Value } from '../onnx/graph.ts';
import { pastInputs, putOut } from './cached-attention.ts';
import { decoderParameters, projectTokens, writeLayer } from './decoder.ts';
import { prepareReadingStep } from './decoder-step.ts';
import type { NetworkBuilder, StoredTensors } from './layers.ts';
import type { DecoderConfig } from './model-config.ts';
import type { LayerRange, LinearParameter } from './parameters.ts';

/** The matrices of `decoder.N.…` once more, under this name. */
const readingPrefix = 'reading.';

/**
 * Matrices that a prompt is read by where the decoder's own are int4: their 8-bit twins, without biases, which the two
 * share. Of the last layer only what makes keys and values.
 */
export function readingParameters(config: DecoderConfig): LinearParameter[] {
  const last = `decoder.${config.layerCount - 1}.`;
  return decoderParameters(config).flatMap((parameter) => {
    if (parameter.kind !== 'linear') return [];
    if (parameter.name.startsWith(last) && parameter.name !== `${last}qkv`) return [];
    const { bias: _, ...matrix } = parameter;
    return [{ ...matrix, name: parameter.name.replace('decoder.', readingPrefix) }];
  });
}

/** Whether a tensor, or a parameter, of this name is one of them. */
export function isForReading(name: string): boolean {
  return name.startsWith(readingPrefix);
}

/** A model folder's tensors with those for reading in their twins' places; null where it has none. */
export function readingTensors(tensors: StoredTensors): StoredTensors | null {
  const twins = [...tensors].filter(([name]) => isForReading(name));
  if (twins.length === 0) return null;
  const renamed = twins.map(([name, tensor]) => [name.replace(readingPrefix, 'decoder.'), tensor] as const);
  return new Map([...tensors, ...renamed]);
}

/**
 * Writes the stage in `layers` as one graph, with `writeDecoder`'s inputs for one sequence but `logit_rows`. Outputs: `new_key.N`/`new_value.N` [1, kvHeads, new, headDim], and before the last
 * stage `states` [1, new, hidden].
 */
export function writeReadingDecoder(
  builder: NetworkBuilder,
  config: DecoderConfig,
  layers: LayerRange,
): void {
  const { graph } = builder;
  const isLast = layers.end === config.layerCount;
  const dims = [1, 'new', config.hiddenSize];
  let x: Value = graph.input('hidden', 'float32', dims);
  const step = prepareReadingStep(builder, config, layers.first);
  const wholeEnd = isLast ? layers.end - 1 : layers.end;
  for (let layer = layers.first; layer < wholeEnd; layer++) {
    x = writeLayer(builder, x, { config, layer, step });
  }
  if (!isLast) {
    graph.output('states', x, 'float32', dims);
    return;
  }
  const layer = config.layerCount - 1;
  pastInputs(builder, config, layer); // not looked at, but what is fed is the same for all layers
  putOut(builder, projectTokens(builder, x, { config, layer, step }), { config, layer });
}
