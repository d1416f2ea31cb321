/** What a checkpoint would become here, told from its small files alone: whether it runs, and what it takes. */
import { type CheckpointConfig, readCheckpointConfig } from '../conversion/checkpoint-config.ts';
import { estimateFolderBytes, valuesOf } from '../conversion/disk-space.ts';
import { modelParameters } from '../conversion/model-parameters.ts';
import type { Precision } from '../inference/generation-types.ts';

const precisions: readonly Precision[] = ['fp32', 'fp16', 'int8', 'int4'];

/** Sessions, activations and caches of a short conversation, as native-models/inference/memory-need.ts counts them. */
const workingBytes = 256 * 1024 * 1024;

export interface CheckpointJudgement {
  layout: CheckpointConfig['layout'];
  contextLength: number;
  maxTiles: number;
  /** Upper estimates, in bytes: the converted folder, and the loaded model. */
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
  const tokenTableBytes = 4 * valuesOf(parameters.lmHead); // read from the disk row by row, never loaded
  const folderBytesAt = (vision: Precision, decoder: Precision) =>
    Math.round(estimateFolderBytes(parameters, { vision, decoder }));
  const widened = (precision: Precision) => (precision === 'fp16' ? 'fp32' : precision);
  const each = (measure: (precision: Precision) => number) =>
    Object.fromEntries(precisions.map((precision) => [precision, measure(precision)])) as Record<
      Precision,
      number
    >;
  const visionOf = (precision: Precision) => (precision === 'int4' ? 'int8' : precision);
  return {
    layout,
    contextLength: config.decoder.contextLength,
    maxTiles: config.maxTiles,
    folderBytes: each((precision) => folderBytesAt(visionOf(precision), precision)),
    loadedBytes: each(
      (precision) =>
        folderBytesAt(widened(visionOf(precision)), widened(precision)) - tokenTableBytes + workingBytes,
    ),
  };
}
