/** Visual tokens of a model in some precision beside those of the published weights. */
import type { ModelConfig } from '../architectures/model-config.ts';
import { runStages, type Workplace } from './run-stages.ts';
import type { StageWeights } from './stage-weights.ts';
import type { Stage } from './stages.ts';
import { compareVisualTokens, type VisionFidelity } from './token-fidelity.ts';

/** The published model's visual tokens, kept for every comparison with them. */
export interface VisionReference {
  config: ModelConfig;
  stages: Stage[];
  /** Pixel values of each tile, [3, image, image]. */
  tiles: Float32Array[];
  /** Visual tokens of each tile, [tokens, hidden]. */
  visualTokens: Float32Array[];
}

/** @returns the model's own visual tokens too, which its answers are read with */
export async function measureVision(
  reference: VisionReference,
  weights: StageWeights,
  place: Workplace,
): Promise<{ fidelity: VisionFidelity; visualTokens: Float32Array[] }> {
  const visualTokens = await runStages(reference.stages, reference.tiles, { weights, place });
  const width = reference.config.decoder.hiddenSize;
  return { fidelity: compareVisualTokens(reference.visualTokens, visualTokens, width), visualTokens };
}
