/** What a person is told of a model: from its manifest, or for the demo from its checkpoint. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeFidelity,
  type ModelFolder,
  type Precision,
} from '../../../native-models/process/convert-client.ts';
import { type ModelId, modelIdSchema } from '../../../preload/contract/ids.ts';
import type { Model } from '../../../preload/contract/models.ts';

export const demoId = modelIdSchema.parse('demo');

/** The demo's checkpoint calls itself by the family's name; its figures must not pass for a real model's. */
export const demoName = 'Demo';

/** What the demo is converted to: half the memory, and no answer changes for it. */
export const demoPrecision: Precision = 'int4';

/** A converted model, as lists show it. */
export function describeFolder(id: ModelId, { manifest }: ModelFolder): Model {
  const { name, precision, config, files, notes, fidelity } = manifest;
  return {
    id,
    name: name.slice(0, 200),
    isDemo: false,
    precision,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    contextLength: config.decoder.contextLength,
    maxTiles: config.maxTiles,
    notes,
    ...(fidelity && { fidelity: describeFidelity(fidelity) }),
  };
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
