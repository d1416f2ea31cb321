/** The app's model library for the command line: the same folder, and a lock so that it is not moved meanwhile. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceTable } from '../../../native-models/process/probe-client.ts';
import type { Model } from '../../../preload/contract/models.ts';
import type { Precision } from '../../../preload/contract/precision.ts';
import { openDeviceFile } from '../../service/devices.ts';
import { withFolderLock } from '../../service/models/folder-lock.ts';
import { hubFromEnvironment } from '../../service/models/hub/hub-from-environment.ts';
import type { Hub } from '../../service/models/hub/hub-request.ts';
import { type ModelLibrary, openModelLibrary } from '../../service/models/model-library.ts';
import type { ModelOrigin } from '../../service/models/model-origin.ts';
import { openModelSettings } from '../../service/models/model-settings.ts';
import { offline, withRemoteModels } from '../../service/models/remote-library.ts';
import { profileFolder } from '../app-folders.ts';
import type { RunContext } from '../run-context.ts';
import { openRemoteModelsHere } from '../served-model.ts';

export interface OpenLibrary {
  library: ModelLibrary;
  folder: string;
  bytesPerSecond: number | null;
  /** What was measured of this machine; null before. */
  deviceTable: DeviceTable | null;
  /** Nothing is fetched, and no server asked. */
  isOffline: boolean;
  /** @throws AppError `offline` */
  openHub(): Hub;
  /**
   * Makes a model of a checkpoint or export with progress on the terminal; goes on where an earlier run was stopped.
   * Null when stopped.
   */
  convert(request: {
    path: string;
    name: string;
    precision: Precision;
    origin: ModelOrigin;
  }): Promise<Model | null>;
  run: RunContext;
}

/** Runs `work` on the library, alone among command lines and against a move by the app. */
export async function withLibrary<T>(run: RunContext, work: (open: OpenLibrary) => Promise<T>): Promise<T> {
  const { terminal, signal } = run;
  const settings = await openModelSettings(profileFolder(process.env));
  const folder = settings.libraryFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const devices = await openDeviceFile(profileFolder(process.env));
  const child = run.children.convert();
  const { bytesPerSecond, offline: isOffline } = settings.get();
  const deviceTable = devices.table();
  const folders = openModelLibrary({
    folder: () => folder,
    demoCheckpoint: run.embeddedModel,
    convertClient: child.client,
    deviceTable: devices.table,
  });
  const library = withRemoteModels(folders, openRemoteModelsHere(), () => isOffline);
  const openHub = () => {
    if (isOffline) throw offline();
    return hubFromEnvironment(process.env);
  };
  const convert: OpenLibrary['convert'] = async (request) => {
    const onProgress = ({ done, total, step }: { done: number; total: number; step: string }) => {
      const percent = Math.floor((100 * done) / Math.max(total, 1));
      terminal.showStatus(`Converting to ${request.precision}: ${percent} % (${step})`);
    };
    try {
      const id = await library.claimId(request);
      const model = await library.convert({ ...request, id }, { signal, onProgress });
      if (!model) terminal.note('Stopped. What is converted is kept; the same command goes on with it.');
      return model;
    } finally {
      terminal.clearStatus();
    }
  };
  const onWait = () => terminal.showStatus('Another process is at work in the model library…');
  try {
    return await withFolderLock(
      join(folder, 'library.lock'),
      () => work({ library, folder, bytesPerSecond, deviceTable, isOffline, openHub, convert, run }),
      { signal, onWait },
    );
  } finally {
    await child.shutdown();
  }
}
