/** The sizes and constants of one InternVL model, the same whichever layout its checkpoint was published in. */

/** InternViT: a plain vision transformer over one square tile. */
export interface VisionConfig {
  hiddenSize: number;
  intermediateSize: number;
  layerCount: number;
  headCount: number;
  /** Side of a tile and of a patch, in pixels. */
  imageSize: number;
  patchSize: number;
  /** By mean and variance (300M) or by root mean square (6B). */
  norm: 'layer' | 'rms';
  /** Epsilon of every norm of the encoder, of either kind. */
  layerNormEpsilon: number;
  /** Queries and keys are normed over their whole width (6B). */
  queryKeyNorm: boolean;
  qkvBias: boolean;
}

/** A decoder with grouped-query attention: Qwen2.5, or the 9B's InternLM. */
export interface DecoderConfig {
  /** Whose weight names and layout of q, k and v: `decoder.ts` says which file writes it. */
  architecture: 'qwen2' | 'internlm2';
  hiddenSize: number;
  intermediateSize: number;
  layerCount: number;
  headCount: number;
  kvHeadCount: number;
  headDim: number;
  rmsNormEpsilon: number;
  ropeTheta: number;
  /** Positions are divided by it (linear rope scaling); 1 nearly everywhere. */
  ropeFactor: number;
  /** Of q, k and v, and for InternLM2 of the output product too. */
  attentionBias: boolean;
  /** Rows of the token table and of lm_head; may exceed the tokenizer's entries. */
  vocabularySize: number;
  /** lm_head is the token table itself. */
  tiedEmbeddings: boolean;
  /** Longest sequence the positions were trained for. */
  contextLength: number;
}

export interface ModelConfig {
  vision: VisionConfig;
  decoder: DecoderConfig;
  /** Pixel unshuffle merges (1/ratio)² patches into one visual token; 0.5 in the whole family. */
  downsampleRatio: number;
  minTiles: number;
  maxTiles: number;
  useThumbnail: boolean;
}

/** Patches side by side that become one visual token; whole where a config does not contradict itself. */
export function mergedPatchesPerSide({ downsampleRatio }: Pick<ModelConfig, 'downsampleRatio'>): number {
  return 1 / downsampleRatio;
}

/** Visual tokens of one tile: 1,024 patches become 256 in the published family. */
export function visualTokensPerTile(config: ModelConfig): number {
  const patchesPerSide = config.vision.imageSize / config.vision.patchSize;
  return (patchesPerSide / mergedPatchesPerSide(config)) ** 2;
}

/** Width of a visual token before the projector: the merged patches side by side. */
export function mergedPatchSize(config: ModelConfig): number {
  return config.vision.hiddenSize * mergedPatchesPerSide(config) ** 2;
}
