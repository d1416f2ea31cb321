/** A model cut into stages of one layer, so that a measurement never holds more than one layer's weights. */
import type { Tensor } from 'onnxruntime-node';
import { writeDecoder } from '../architectures/decoder.ts';
import { embedPatches, encodePatches } from '../architectures/intern-vit.ts';
import { rmsNorm, type StoredTensors } from '../architectures/layers.ts';
import { writeLogits } from '../architectures/lm-head.ts';
import { type ModelConfig, visualTokensPerTile } from '../architectures/model-config.ts';
import type { Parameter } from '../architectures/parameters.ts';
import { projectPatches } from '../architectures/projector.ts';
import type { ModelParameters } from '../conversion/model-parameters.ts';
import { createKvCache } from '../inference/kv-cache.ts';
import { floatTensor } from '../inference/session.ts';
import { createGraph } from '../onnx/graph.ts';

/** One layer: states in, states out, one tile or one sequence at a time. */
export interface Stage {
  parameters: Parameter[];
  /** The norm that reads what this stage puts out, or null behind the last. */
  readBy: Parameter | null;
  /** The graph over these parameters' tensors. */
  write(tensors: StoredTensors): Uint8Array;
  /** Inputs for the states of one tile or sequence, row-major. */
  feeds(states: Float32Array): Record<string, Tensor>;
  output: string;
}

/** Pixel values [3, image, image] → visual tokens [tokens, hidden]: patches with the first layer, each other layer, the projector. */
export function visionStages(config: ModelConfig, { vision: parameters, decoder }: ModelParameters): Stage[] {
  const { vision } = config;
  const stateDims = ['tiles', (vision.imageSize / vision.patchSize) ** 2 + 1, vision.hiddenSize];
  const layers = Array.from({ length: vision.layerCount }, (_, layer): Stage => {
    const isFirst = layer === 0;
    const own = parameters.filter(({ name }) => layerOf(name) === layer || (isFirst && isEmbedding(name)));
    return {
      parameters: own,
      readBy: find(
        parameters,
        layer + 1 < vision.layerCount ? `vision.${layer + 1}.norm1.weight` : 'projector.norm.weight',
      ),
      write(tensors) {
        const graph = createGraph(`vision layer ${layer}`);
        const builder = { graph, tensors };
        const side = vision.imageSize;
        const states = isFirst
          ? embedPatches(builder, graph.input('states', 'float32', ['tiles', 3, side, side]), vision)
          : graph.input('states', 'float32', stateDims);
        const next = encodePatches(builder, states, {
          config: vision,
          layers: { first: layer, end: layer + 1 },
        });
        graph.output('next', next, 'float32', stateDims);
        return graph.encode();
      },
      feeds: (states) => ({
        states: isFirst
          ? floatTensor(states, [1, 3, vision.imageSize, vision.imageSize])
          : floatTensor(states, [1, states.length / vision.hiddenSize, vision.hiddenSize]),
      }),
      output: 'next',
    };
  });
  const projector: Stage = {
    parameters: parameters.filter(({ name }) => name.startsWith('projector.')),
    readBy: find(decoder, 'decoder.0.norm1.weight'),
    write(tensors) {
      const graph = createGraph('projector');
      const tokens = projectPatches({ graph, tensors }, graph.input('states', 'float32', stateDims), config);
      graph.output('next', tokens, 'float32', [
        'tiles',
        visualTokensPerTile(config),
        config.decoder.hiddenSize,
      ]);
      return graph.encode();
    },
    feeds: (states) => ({
      states: floatTensor(states, [1, states.length / vision.hiddenSize, vision.hiddenSize]),
    }),
    output: 'next',
  };
  return [...layers, projector];
}

/** Embeddings of a sequence [tokens, hidden] → states before the final norm, a layer a stage. */
export function decoderStages({ decoder: config }: ModelConfig, { decoder }: ModelParameters): Stage[] {
  return Array.from({ length: config.layerCount }, (_, layer): Stage => {
    const layers = { first: layer, end: layer + 1 };
    const isLast = layers.end === config.layerCount;
    return {
      parameters: decoder.filter(({ name }) => layerOf(name) === layer),
      readBy: find(decoder, isLast ? 'decoder.norm.weight' : `decoder.${layer + 1}.norm1.weight`),
      write(tensors) {
        const graph = createGraph(`decoder layer ${layer}`);
        writeDecoder({ graph, tensors }, config, layers);
        return graph.encode();
      },
      feeds(states) {
        const count = states.length / config.hiddenSize;
        const positions = Float32Array.from({ length: count }, (_, position) => position);
        return {
          ...createKvCache(config, layers).feeds(),
          hidden: floatTensor(states, [1, count, config.hiddenSize]),
          positions: floatTensor(positions, [1, count]),
        };
      },
      output: 'states',
    };
  });
}

/** States [rows, hidden] → the same behind the final norm, and with lm_head → logits [rows, vocabulary]. */
export function headStage(
  { decoder: config }: ModelConfig,
  { decoder, lmHead, lmHeadRows }: ModelParameters,
  part: 'norm' | 'logits',
): Stage {
  const norm = decoder.filter(({ name }) => name === 'decoder.norm.weight');
  return {
    parameters: part === 'norm' ? norm : [...norm, lmHead, lmHeadRows],
    readBy: null,
    write(tensors) {
      const graph = createGraph(part);
      const builder = { graph, tensors };
      const states = graph.input('states', 'float32', ['rows', config.hiddenSize]);
      const normed = rmsNorm(builder, states, { name: 'decoder.norm', epsilon: config.rmsNormEpsilon });
      const next = part === 'norm' ? normed : writeLogits(builder, normed, config);
      const width = part === 'norm' ? config.hiddenSize : config.vocabularySize;
      graph.output('next', next, 'float32', ['rows', width]);
      return graph.encode();
    },
    feeds: (states) => ({
      states: floatTensor(states, [states.length / config.hiddenSize, config.hiddenSize]),
    }),
    output: 'next',
  };
}

/** `vision.3.qkv` → 3; null for what belongs to no layer. */
function layerOf(name: string): number | null {
  const layer = Number(name.split('.')[1]);
  return Number.isInteger(layer) ? layer : null;
}

function isEmbedding(name: string): boolean {
  return name.startsWith('vision.') && layerOf(name) === null;
}

function find(parameters: Parameter[], name: string): Parameter | null {
  return parameters.find((parameter) => parameter.name === name) ?? null;
}
