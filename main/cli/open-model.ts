/** From `--model` to a loaded model: found or converted, loaded, and converted again where the cached one was damaged. */

import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  connectModel,
  type LoadedModel,
  type Precision,
  type QuestionSize,
} from '../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../native-models/process/engine-contract.ts';
import { unlessAborted } from '../../native-models/process/unless-aborted.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { openDeviceFile } from '../service/devices.ts';
import { type DeviceAdvice, loadOnDevices } from '../service/models/load-on-devices.ts';
import { findModel } from '../service/models/model-cache.ts';
import { holdModel } from '../service/models/model-use.ts';
import { profileFolder } from './app-folders.ts';
import { precisionName } from './ask-result.ts';
import { convertWithProgress } from './convert.ts';
import type { AskCommand } from './parse-arguments.ts';
import type { RunContext } from './run-context.ts';
import { findServedModel } from './served-model.ts';

export interface OpenedModel {
  loaded: LoadedModel;
  /** The most memory the converting process held; 0 when nothing was converted. */
  convertPeakRssBytes: number;
}

/** What a checkpoint is converted to unless asked otherwise. */
export const defaultPrecision: Precision = 'int4';

/**
 * Loads the model a command names into the engine.
 * @returns null when aborted
 * @throws AppError `invalid_request` when a converted model has another precision than asked
 */
export async function openModelFor(
  command: AskCommand,
  engine: EngineClient,
  run: RunContext & { question: QuestionSize },
): Promise<OpenedModel | null> {
  const served = await findServedModel(command.model, command);
  if (served) {
    run.terminal.showStatus('Asking the server…');
    const loaded = await connectModel(engine, served, run.signal);
    run.terminal.clearStatus();
    return loaded && { loaded, convertPeakRssBytes: 0 };
  }
  let convertPeakRssBytes = 0;
  for (let attempt = 1; ; attempt += 1) {
    const found = await findModel({
      folder: resolve(command.model ?? run.embeddedModel),
      precision: command.precision ?? defaultPrecision,
      cache: run.modelCache,
      signal: run.signal,
      onWait: () => run.terminal.showStatus('Another process is converting this model…'),
      convert: async (request) => {
        const conversion = await convertWithProgress(request, run);
        convertPeakRssBytes = Math.max(convertPeakRssBytes, conversion.peakRssBytes);
        return conversion.done;
      },
    });
    if (!found) return null;
    try {
      run.terminal.showStatus('Loading the model…');
      await holdModel(found.folder);
      const request = { folder: found.folder, devices: command.devices, question: run.question };
      const loading = loadOnDevices(engine, request, await deviceAdvice(run));
      const loaded = await unlessAborted(loading, run.signal);
      run.terminal.clearStatus();
      if (!loaded || run.signal.aborted) return null;
      checkPrecision(command, loaded);
      return { loaded, convertPeakRssBytes };
    } catch (error) {
      const isDamaged = error instanceof AppError && error.code === 'model_folder_broken';
      if (!isDamaged || !found.cached || attempt > 1) throw error;
      run.terminal.note('The converted model was damaged; converting it again.');
      await rm(found.folder, { recursive: true, force: true });
    }
  }
}

/** What was measured of this machine, by `devices` or by the app, decides what `auto` means; unmeasured it is the CPU. */
async function deviceAdvice({ terminal }: RunContext): Promise<DeviceAdvice> {
  const file = await openDeviceFile(profileFolder(process.env));
  return {
    choose: file.choose,
    async onFailed(device) {
      await file.distrust(device);
      terminal.note(`${device} can't run this model, so the CPU does. "devices --again" measures anew.`);
    },
  };
}

function checkPrecision(command: AskCommand, { description }: LoadedModel): void {
  const holds = precisionName(description);
  if (command.precision === null || command.precision === holds) return;
  throw new AppError(
    'invalid_request',
    `This model folder was converted to ${holds}; for ${command.precision} convert the checkpoint again.`,
  );
}
