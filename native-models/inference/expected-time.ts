/** How long a model will take on this machine, from what the device probe measured at another shape. */
import type { ModelConfig } from '../architectures/model-config.ts';
import { readsApartByDefault } from '../conversion/reads-apart.ts';
import { deviceName } from './device.ts';
import { chooseDevices, type DeviceTable, measuredConfig, speedOf } from './device-table.ts';
import type { Precision } from './generation-types.ts';

/** What a model computes and reads: its shape, as far as time goes. */
export interface ModelShape {
  /** Multiply-adds × 2 of one tile through the encoder, in 10⁹. */
  visionGflopPerTile: number;
  /** Multiply-adds × 2 of one prompt token through the decoder's layers, in 10⁹, counted as int8 ones. */
  gflopPerPromptToken: number;
  /** Bytes of weights read for one new token. */
  bytesPerNewToken: number;
}

/** What is asked of it. */
export interface TurnSize {
  tiles: number;
  /** Visual tokens among them. */
  promptTokens: number;
  answerTokens: number;
}

export interface ExpectedSeconds {
  visionS: number;
  prefillS: number;
  decodeS: number;
  totalS: number;
}

/** Bytes of one weight with its share of the scales. */
const bytesPerWeight: Record<Precision, number> = { fp32: 4, fp16: 2, int8: 1, int4: 0.625 };

/** How much longer than int8 products those of a prompt's rows take (docs/speed.md; two cores). */
const readingCost: Record<Precision, number> = { fp32: 3.5, fp16: 3.5, int8: 1, int4: 2.5 };

/** The shape of any model of the family. @param precision the decoder's; vision's costs the same in every published size */
export function shapeOf(
  { vision, decoder }: Pick<ModelConfig, 'vision' | 'decoder'>,
  precision: Precision,
): ModelShape {
  const rows = (vision.imageSize / vision.patchSize) ** 2 + 1;
  const visionWeights = 4 * vision.hiddenSize ** 2 + 2 * vision.hiddenSize * vision.intermediateSize;
  const attention = 4 * rows ** 2 * vision.hiddenSize;
  const { hiddenSize, intermediateSize, headCount, kvHeadCount, headDim } = decoder;
  const layerWeights =
    2 * hiddenSize * (headCount + kvHeadCount) * headDim + 3 * hiddenSize * intermediateSize;
  const headWeights = hiddenSize * decoder.vocabularySize;
  const values = decoder.layerCount * layerWeights;
  const readBy = readsApartByDefault(values, { decoder: precision }) ? 'int8' : precision;
  return {
    visionGflopPerTile: (vision.layerCount * (2 * rows * visionWeights + attention)) / 1e9,
    gflopPerPromptToken: (2 * values * readingCost[readBy]) / 1e9,
    bytesPerNewToken: (values + headWeights) * bytesPerWeight[precision],
  };
}

/**
 * Seconds of one turn on the devices that `auto` chooses, or null where nothing was measured. An estimate by proportion:
 * tiles and prompt by arithmetic, new tokens by bytes read. Attention over a long past is not in it.
 */
export function expectedSeconds(
  table: DeviceTable | null,
  shape: ModelShape,
  { tiles, promptTokens, answerTokens }: TurnSize,
): ExpectedSeconds | null {
  const choice = chooseDevices(table);
  const vision = speedOf(table, deviceName(choice.vision));
  const decoder = speedOf(table, deviceName(choice.decoder));
  if (!vision?.visionMsPerTile || !decoder?.prefillTokensPerSecond || !decoder.decodeTokensPerSecond)
    return null;
  const measured = shapeOf(measuredConfig, 'int4');
  const visionS =
    (tiles * vision.visionMsPerTile * shape.visionGflopPerTile) / measured.visionGflopPerTile / 1000;
  const prefillS =
    (promptTokens / decoder.prefillTokensPerSecond) *
    (shape.gflopPerPromptToken / measured.gflopPerPromptToken);
  const decodeS =
    (answerTokens / decoder.decodeTokensPerSecond) * (shape.bytesPerNewToken / measured.bytesPerNewToken);
  return { visionS, prefillS, decodeS, totalS: visionS + prefillS + decodeS };
}
