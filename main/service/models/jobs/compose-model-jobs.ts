/** Puts together what brings models here: the jobs, the Hub with its token, the limit on bandwidth, and their handlers. */
import { join } from 'node:path';
import type { DeviceTable } from '../../../../native-models/process/probe-client.ts';
import type { AppEvents } from '../../app-events.ts';
import { modelJobHandlers } from '../../handlers/model-jobs.ts';
import type { ShellClient } from '../../host-contract.ts';
import type { Uploads } from '../../uploads.ts';
import { createBandwidth } from '../hub/bandwidth.ts';
import { hubFromEnvironment } from '../hub/hub-from-environment.ts';
import type { ModelLibrary } from '../model-library.ts';
import type { ModelSettingsFile } from '../model-settings.ts';
import { offline } from '../remote-library.ts';
import { openJobRecords } from './job-records.ts';
import { jobWork } from './job-work.ts';
import { createModelJobs } from './model-jobs.ts';

export async function composeModelJobs(service: {
  profileFolder: string;
  modelSettings: ModelSettingsFile;
  library: ModelLibrary;
  shell: ShellClient;
  uploads: Uploads;
  events: AppEvents;
  /** Runs work between answers, with no model loaded. */
  whileUnloaded: (work: () => Promise<unknown>) => Promise<void>;
  /** Ends answers that come from a server, and lets go of it. */
  leaveServer: () => Promise<void>;
  /** What was measured of this machine; null before. */
  deviceTable: () => DeviceTable | null;
}) {
  const { profileFolder, modelSettings, library, shell, uploads, events } = service;
  const bandwidth = createBandwidth(modelSettings.get().bytesPerSecond);
  const openHub = async () => {
    const { sealedToken, offline: isOffline } = modelSettings.get();
    if (isOffline) throw offline();
    const token = sealedToken === null ? null : (await shell.decryptSecret({ sealed: sealedToken })).text;
    return hubFromEnvironment(process.env, token);
  };
  const jobs = createModelJobs({
    records: await openJobRecords(join(profileFolder, 'model-jobs.json')),
    work: jobWork({
      library,
      libraryFolder: modelSettings.libraryFolder,
      profileLibraryFolder: join(profileFolder, 'models'),
      bandwidth,
      openHub,
      switchLibrary: (target) => service.whileUnloaded(() => modelSettings.update({ libraryFolder: target })),
      unloadModel: () => service.whileUnloaded(async () => {}),
      onModels: () => events.publish({ type: 'models-changed' }),
    }),
    onChange: (all) => events.publish({ type: 'model-jobs', jobs: all }),
  });
  const goOffline = async () => {
    for (const { id, kind, state } of jobs.list()) {
      if ((kind === 'download' || kind === 'repair') && state === 'running') await jobs.pause(id);
    }
    await service.leaveServer();
  };
  const { deviceTable } = service;
  const handlers = modelJobHandlers({
    jobs,
    modelSettings,
    bandwidth,
    openHub,
    uploads,
    shell,
    goOffline,
    deviceTable,
  });
  return { handlers, close: jobs.close };
}
