/** How fast a model will be on this machine, from what the device probe measured here; nothing where it measured nothing. */
import {
  type DeviceTable,
  expectedSeconds,
  type ModelShape,
  measuredConfig,
  shapeOf,
} from '../../../native-models/process/probe-client.ts';
import type { ExpectedSpeed } from '../../../preload/contract/models.ts';

/** A4 upright: a grid of 2 × 3 tiles and the thumbnail, 256 visual tokens each, and a question of a line or two. */
const page = { tiles: 7, promptTokens: 7 * 256 + 60 };

/** Null where no device that agrees with the CPU was measured. */
export function expectedSpeed(table: DeviceTable | null, shape: ModelShape): ExpectedSpeed | null {
  const expected = expectedSeconds(table, shape, { ...page, answerTokens: 1 });
  if (!expected) return null;
  return { pageSeconds: expected.visionS + expected.prefillS, tokensPerSecond: 1 / expected.decodeS };
}

const vision6B = { hiddenSize: 3200, intermediateSize: 12_800, layerCount: 45, headCount: 25 };

/** Width, intermediate width, layers, heads, KV heads and head width of each published size (model card, configs). */
const decoders: Record<string, readonly [number, number, number, number, number, number]> = {
  '1B': [896, 4864, 24, 14, 2, 64],
  '2B': [1536, 8960, 28, 12, 2, 128],
  '8B': [3584, 18_944, 28, 28, 4, 128],
  '9B': [4096, 10_240, 48, 32, 2, 128],
  '14B': [5120, 13_824, 48, 40, 8, 128],
  '38B': [5120, 27_648, 64, 40, 8, 128],
  '78B': [8192, 29_568, 80, 64, 8, 128],
};

/** What of a published size's config its speed and memory depend on; null for one that this version does not know. */
export function publishedConfig(size: string): typeof measuredConfig | null {
  const decoder = decoders[size];
  if (!decoder) return null;
  const [hiddenSize, intermediateSize, layerCount, headCount, kvHeadCount, headDim] = decoder;
  const sized = { hiddenSize, intermediateSize, layerCount, headCount, kvHeadCount, headDim };
  const isLarge = size === '38B' || size === '78B';
  return {
    ...measuredConfig,
    vision: { ...measuredConfig.vision, ...(isLarge && vision6B) },
    decoder: { ...measuredConfig.decoder, ...sized },
  };
}

/** A published size at int4; null for one that this version does not know. */
export function publishedShape(size: string): ModelShape | null {
  const config = publishedConfig(size);
  return config && shapeOf(config, 'int4');
}
