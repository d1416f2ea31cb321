/** The seven published shapes (model card; Qwen2.5's and InternLM3's own configs), and figures worked out by hand from them. */
import type {
  DecoderConfig,
  ModelConfig,
  VisionConfig,
} from '../../native-models/architectures/model-config.ts';

const vision300m: VisionConfig = {
  hiddenSize: 1024,
  intermediateSize: 4096,
  layerCount: 24,
  headCount: 16,
  imageSize: 448,
  patchSize: 14,
  norm: 'layer',
  layerNormEpsilon: 1e-6,
  queryKeyNorm: false,
  qkvBias: true,
};

const vision6b: VisionConfig = {
  ...vision300m,
  hiddenSize: 3200,
  intermediateSize: 12800,
  layerCount: 45,
  headCount: 25,
  norm: 'rms',
  queryKeyNorm: true,
  qkvBias: false,
};

function qwen(
  hiddenSize: number,
  intermediateSize: number,
  [layerCount, headCount, kvHeadCount, headDim]: [number, number, number, number],
): DecoderConfig {
  return {
    architecture: 'qwen2',
    hiddenSize,
    intermediateSize,
    layerCount,
    headCount,
    kvHeadCount,
    headDim,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 1e6,
    ropeFactor: 1,
    attentionBias: true,
    vocabularySize: 151_674,
    tiedEmbeddings: false,
    contextLength: 32_768,
  };
}

/** The 9B's: no bias, another base of the angles, its own vocabulary. */
const internLm: DecoderConfig = {
  ...qwen(4096, 10240, [48, 32, 2, 128]),
  architecture: 'internlm2',
  ropeTheta: 5e7,
  attentionBias: false,
  vocabularySize: 128_521,
};

export interface FamilyShape {
  size: string;
  config: ModelConfig;
  /** Values of all published weights: rows × columns, biases, norms, positions, added up on paper. */
  parameterCount: number;
  /** Stored bytes of one decoder layer in int4: 9/16 of a byte a weight, four a bias or norm. */
  decoderLayerBytes: number;
  /** The same of one vision layer in int8: a byte a weight, four a scale, bias or norm. */
  visionLayerBytes: number;
  /** Stored in int4: decoder, int8 vision and projector, and the int8 rows of lm_head, which is there in int4 too. */
  weightBytes: number;
}

function shape(
  size: string,
  [vision, decoder]: [VisionConfig, DecoderConfig],
  figures: Omit<FamilyShape, 'size' | 'config'>,
): FamilyShape {
  const config = { vision, decoder, downsampleRatio: 0.5, minTiles: 1, maxTiles: 12, useThumbnail: true };
  return { size, config, ...figures };
}

export const familyShapes: FamilyShape[] = [
  shape('1B', [vision300m, qwen(896, 4864, [24, 14, 2, 64])], {
    parameterCount: 938_193_024,
    decoderLayerBytes: 8_398_336,
    visionLayerBytes: 12_673_024,
    weightBytes: 653_357_800,
  }),
  shape('2B', [vision300m, qwen(1536, 8960, [28, 12, 2, 128])], {
    parameterCount: 2_088_957_440,
    decoderLayerBytes: 26_341_376,
    visionLayerBytes: 12_673_024,
    weightBytes: 1_290_618_344,
  }),
  shape('8B', [vision300m, qwen(3584, 18944, [28, 28, 4, 128])], {
    parameterCount: 7_944_373_760,
    decoderLayerBytes: 131_135_488,
    visionLayerBytes: 12_673_024,
    weightBytes: 4_554_397_160,
  }),
  shape('9B', [vision300m, internLm], {
    parameterCount: 9_141_898_240,
    decoderLayerBytes: 90_865_664,
    visionLayerBytes: 12_673_024,
    weightBytes: 5_232_924_708,
  }),
  shape('14B', [vision300m, qwen(5120, 13824, [48, 40, 8, 128])], {
    parameterCount: 15_117_256_704,
    decoderLayerBytes: 154_898_432,
    visionLayerBytes: 12_673_024,
    weightBytes: 8_570_391_016,
  }),
  shape('38B', [vision6b, qwen(5120, 27648, [64, 40, 8, 128])], {
    parameterCount: 38_388_164_992,
    decoderLayerBytes: 274_337_792,
    visionLayerBytes: 123_123_200,
    weightBytes: 23_987_967_464,
  }),
  shape('78B', [vision6b, qwen(8192, 29568, [80, 64, 8, 128])], {
    parameterCount: 78_408_318_336,
    decoderLayerBytes: 493_789_184,
    visionLayerBytes: 123_123_200,
    weightBytes: 46_479_703_528,
  }),
];
