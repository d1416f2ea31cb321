/** Sizes of a model that must divide each other; where they don't, a graph would fail deep inside. */
import { type ModelConfig, mergedPatchesPerSide } from '../architectures/model-config.ts';

/** Says what contradicts what, or null where all fits. */
export function findContradiction(config: ModelConfig): string | null {
  const { vision, decoder } = config;
  const patches = vision.imageSize / vision.patchSize;
  const merge = mergedPatchesPerSide(config);
  const rules: [boolean, string][] = [
    [
      Number.isInteger(patches),
      `patch size ${vision.patchSize} does not divide image size ${vision.imageSize}`,
    ],
    [
      Number.isInteger(vision.hiddenSize / vision.headCount),
      `${vision.headCount} vision heads do not divide hidden size ${vision.hiddenSize}`,
    ],
    [
      Number.isInteger(merge) && Number.isInteger(patches / merge),
      `downsample ratio ${config.downsampleRatio} does not fit ${patches} patches`,
    ],
    [
      Number.isInteger(decoder.headCount / decoder.kvHeadCount),
      `${decoder.kvHeadCount} key-value heads do not divide ${decoder.headCount} heads`,
    ],
    [Number.isInteger(decoder.headDim / 2), `head size ${decoder.headDim} is no even number`],
    [config.minTiles <= config.maxTiles, `${config.minTiles} tiles at least, ${config.maxTiles} at most`],
  ];
  return rules.find(([fits]) => !fits)?.[1] ?? null;
}
