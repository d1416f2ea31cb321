/** Puts together what brings models here: the jobs, the Hub with its token, the limit on bandwidth, and their handlers. */
import { join } from 'node:path';
import type { AppEvents } from '../../app-events.ts';
import { modelJobHandlers } from '../../handlers/model-jobs.ts';
import type { ShellClient } from '../../host-contract.ts';
import type { Uploads } from '../../uploads.ts';
import { createBandwidth } from '../hub/bandwidth.ts';
import { hubFromEnvironment } from '../hub/hub-from-environment.ts';
import type { ModelLibrary } from '../model-library.ts';
import type { ModelSettingsFile } from '../model-settings.ts';
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
}) {
  const { profileFolder, modelSettings, library, shell, uploads, events } = service;
  const bandwidth = createBandwidth(modelSettings.get().bytesPerSecond);
  const openHub = async () => {
    const { sealedToken } = modelSettings.get();
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
      onModels: () => events.publish({ type: 'models-changed' }),
    }),
    onChange: (all) => events.publish({ type: 'model-jobs', jobs: all }),
  });
  const handlers = modelJobHandlers({ jobs, modelSettings, bandwidth, openHub, uploads, shell });
  return { handlers, close: jobs.close };
}
