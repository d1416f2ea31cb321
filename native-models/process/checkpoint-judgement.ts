/** What a checkpoint would become here, told from its small files alone: whether it runs, and what it takes. */
import { type CheckpointConfig, readCheckpointConfig } from '../conversion/checkpoint-config.ts';
import { estimateFolderBytes, sumOf, valuesOf } from '../conversion/disk-space.ts';
import { modelParameters } from '../conversion/model-parameters.ts';
import { readsApartByDefault } from '../conversion/reads-apart.ts';
import type { Precision } from '../inference/generation-types.ts';
import { estimateUnconverted } from '../inference/memory-need.ts';

export { storedBytesPerValue } from '../conversion/disk-space.ts';
export { type DamagedFiles, keepShards, neededShards } from '../conversion/needed-shards.ts';
export { estimateUnconverted };

const precisions: readonly Precision[] = ['fp32', 'fp16', 'int8', 'int4'];

export interface CheckpointJudgement {
  layout: CheckpointConfig['layout'];
  contextLength: number;
  maxTiles: number;
  /** Upper estimates, in bytes: the converted folder, and the model while it answers a usual question. */
  folderBytes: Record<Precision, number>;
  loadedBytes: Record<Precision, number>;
}

/**
 * @param folder one that holds config.json, and preprocessor_config.json where it was published
 * @throws AppError `checkpoint_unsupported` naming what can't run here, `checkpoint_broken`, `not_found`
 */
export async function judgeCheckpoint(folder: string): Promise<CheckpointJudgement> {
  const { config, layout } = await readCheckpointConfig(folder);
  const parameters = modelParameters(config, layout);
  const folderBytesAt = (vision: Precision, decoder: Precision) =>
    Math.round(estimateFolderBytes(parameters, { vision, decoder }));
  const each = (measure: (precision: Precision) => number) =>
    Object.fromEntries(precisions.map((precision) => [precision, measure(precision)])) as Record<
      Precision,
      number
    >;
  const readingValues = (decoder: Precision) =>
    readsApartByDefault(sumOf(parameters.reading), { decoder }) ? sumOf(parameters.reading) : 0;
  const visionOf = (precision: Precision) => (precision === 'int4' ? 'int8' : precision);
  return {
    layout,
    contextLength: config.decoder.contextLength,
    maxTiles: config.maxTiles,
    folderBytes: each((precision) => folderBytesAt(visionOf(precision), precision)),
    loadedBytes: each((precision) =>
      Math.round(
        estimateUnconverted(
          [
            { values: sumOf(parameters.vision), precision: visionOf(precision) },
            { values: sumOf(parameters.decoder), precision },
            { values: valuesOf(parameters.lmHead), precision },
            { values: precision === 'int4' ? valuesOf(parameters.lmHeadRows) : 0, precision: 'int8' },
            { values: readingValues(precision), precision: 'int8' },
          ],
          config,
        ),
      ),
    ),
  };
}
