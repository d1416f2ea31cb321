/** What a person is told of a model: from its manifest, or for the demo from its checkpoint. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeFidelity,
  estimateMemory,
  type ModelFolder,
  type Precision,
  usualQuestion,
} from '../../../native-models/process/convert-client.ts';
import { type ModelShape, shapeOf } from '../../../native-models/process/probe-client.ts';
import { type ModelId, modelIdSchema } from '../../../preload/contract/ids.ts';
import type { Model } from '../../../preload/contract/models.ts';
import { catalogue } from './catalogue.ts';
import type { Seal } from './model-seal.ts';

export const demoId = modelIdSchema.parse('demo');

/** The demo's checkpoint calls itself by the family's name; its figures must not pass for a real model's. */
export const demoName = 'Demo';

/** What the demo is converted to: half the memory, and no answer changes for it. */
export const demoPrecision: Precision = 'int4';

/** A converted model as lists show it, and what its speed depends on. */
export interface DescribedFolder {
  model: Model;
  shape: ModelShape;
}

/** @param seal null where there is none that is whole */
export function describeFolder(id: ModelId, { manifest }: ModelFolder, seal: Seal | null): DescribedFolder {
  const { name, precision, config, files, notes, fidelity } = manifest;
  const model: Model = {
    id,
    name: name.slice(0, 200),
    isDemo: false,
    precision,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    contextLength: config.decoder.contextLength,
    maxTiles: config.maxTiles,
    notes,
    ...(fidelity && { fidelity: describeFidelity(fidelity) }),
    memoryBytes: Math.round(
      estimateMemory(manifest, { question: usualQuestion, visionBuffers: 1 }).peakBytes,
    ),
    ...(seal?.license && { license: seal.license }),
    ...(manifest.graphs && { isReadyMade: true }),
    ...((manifest.isCritic || isCriticOf(seal)) && { isCritic: true }),
  };
  return { model, shape: shapeOf(config, precision.decoder) };
}

/** A folder that was converted before critics were told apart. */
function isCriticOf(seal: Seal | null): boolean {
  if (seal?.origin?.type !== 'hub') return false;
  const { repository } = seal.origin;
  return catalogue.some((entry) => entry.training === 'critic' && entry.repository === repository);
}

/** As its checkpoint says, since it is converted only when it is first needed. */
export async function describeDemo(checkpoint: string): Promise<Model> {
  const config = JSON.parse(await readFile(join(checkpoint, 'config.json'), 'utf8')) as {
    max_dynamic_patch: number;
    llm_config: { max_position_embeddings: number };
  };
  const { size } = await stat(join(checkpoint, 'model.safetensors'));
  return {
    id: demoId,
    name: demoName,
    isDemo: true,
    precision: { vision: 'int8', decoder: demoPrecision },
    sizeBytes: size,
    contextLength: config.llm_config.max_position_embeddings,
    maxTiles: config.max_dynamic_patch,
    notes: [],
  };
}
