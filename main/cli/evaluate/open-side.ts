/** One side of an evaluation: a model at a precision, loaded into an engine of its own. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { manifestFile } from '../../../native-models/process/convert-client.ts';
import {
  connectModel,
  type LoadedModel,
  loadModel,
  type Precision,
  type ShownPrecision,
} from '../../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../../native-models/process/engine-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { findModel } from '../../service/models/model-cache.ts';
import { precisionName } from '../ask-result.ts';
import type { Started } from '../children.ts';
import { convertWithProgress } from '../convert.ts';
import { defaultPrecision } from '../open-model.ts';
import type { RunContext } from '../run-context.ts';
import { findServedModel, type ServedModel } from '../served-model.ts';
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
  model: { name: string; precision: ShownPrecision; fingerprint: string };
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
  devices: EvaluateCommand['devices'],
  run: RunContext,
): Promise<OpenSide | null> {
  const { terminal, signal } = run;
  const served = await findServedModel(side.model, { ...side, devices });
  if (served) return openServed(served, run);
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
  const loaded = await loadModel(engine.client, { folder: found.folder, devices }, signal);
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

/** A model on a server is told from others by where it is and what it is called there: its weights are not seen. */
async function openServed(
  served: ServedModel,
  { children, terminal, signal }: RunContext,
): Promise<OpenSide | null> {
  terminal.showStatus('Asking the server…');
  const engine = children.engine();
  const loaded = await connectModel(engine.client, served, signal);
  terminal.clearStatus();
  if (!loaded) return null;
  const { description } = loaded;
  const { name, precision } = description;
  const fingerprint = createHash('sha256').update(`${served.url}\0${name}`).digest('hex');
  return { engine, description, model: { name, precision: precision.decoder, fingerprint } };
}
