/** One side of an evaluation: a model at a precision, loaded into an engine of its own. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { manifestFile } from '../../../native-models/process/convert-client.ts';
import { type LoadedModel, loadModel, type Precision } from '../../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../../native-models/process/engine-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { findModel } from '../../service/models/model-cache.ts';
import { precisionName } from '../ask-result.ts';
import type { Started } from '../children.ts';
import { convertWithProgress } from '../convert.ts';
import { defaultPrecision } from '../open-model.ts';
import type { RunContext } from '../run-context.ts';
import type { EvaluateCommand } from './parse-evaluate.ts';

/** What is asked for. */
export interface Side {
  /** Null = the embedded model. */
  model: string | null;
  precision: Precision | null;
}

export interface OpenSide {
  engine: Started<EngineClient>;
  description: LoadedModel['description'];
  /** As the report calls it. */
  model: { name: string; precision: Precision; fingerprint: string };
}

export function sidesOf({ model, precision, against }: EvaluateCommand): Side[] {
  const own = { model, precision };
  return against ? [own, { ...own, ...against }] : [own];
}

/**
 * Finds or makes the model folder and loads it.
 * @returns null when aborted
 * @throws AppError `invalid_request` when a converted model has another precision than asked
 */
export async function openSide(
  side: Side,
  device: EvaluateCommand['device'],
  run: RunContext,
): Promise<OpenSide | null> {
  const { terminal, signal } = run;
  const found = await findModel({
    folder: resolve(side.model ?? run.embeddedModel),
    precision: side.precision ?? defaultPrecision,
    cache: run.modelCache,
    signal,
    onWait: () => terminal.showStatus('Another process is converting this model…'),
    convert: async (request) => (await convertWithProgress(request, run)).done,
  });
  if (!found) return null;
  terminal.showStatus('Loading the model…');
  const engine = run.children.engine();
  const loaded = await loadModel(engine.client, { folder: found.folder, device }, signal);
  terminal.clearStatus();
  if (!loaded || signal.aborted) return null;
  const { description } = loaded;
  const precision = precisionName(description);
  if (side.precision !== null && side.precision !== precision) {
    throw new AppError(
      'invalid_request',
      `A model folder was converted to ${precision}; for ${side.precision} name its checkpoint.`,
    );
  }
  const fingerprint = createHash('sha256').update(await readFile(join(found.folder, manifestFile)));
  return {
    engine,
    description,
    model: { name: description.name, precision, fingerprint: fingerprint.digest('hex') },
  };
}
