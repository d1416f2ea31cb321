/** What the host asks of the service: take a file, give bytes, pass news on. */
import { processHandlers } from '../../../native-models/process/process-contract.ts';
import type { ApiSwitch } from '../api-switch.ts';
import type { AppEvents } from '../app-events.ts';
import type { OpenBytes } from '../attachments/open-bytes.ts';
import type { HostHandlers } from '../host-contract.ts';
import type { LoadedModels } from '../models/loaded-model.ts';
import type { Uploads } from '../uploads.ts';

export function hostHandlers(service: {
  uploads: Uploads;
  openBytes: OpenBytes;
  events: AppEvents;
  models: LoadedModels;
  api: ApiSwitch;
}): HostHandlers {
  const { uploads, openBytes, events, models, api } = service;
  return {
    ...processHandlers,
    async registerUpload({ uploadId, ...upload }) {
      uploads.register(uploadId, upload);
      return {};
    },
    async putUpload({ uploadId, name, sizeBytes, ...piece }) {
      uploads.receive(uploadId, { name, sizeBytes }, piece);
      return {};
    },
    openBytes,
    startApi: (options) => api.start(options),
    async stopApi() {
      await api.stop();
      return {};
    },
    async announce({ event }) {
      if (event.type === 'process-ended' && event.name === 'engine') models.forget();
      events.publish(event);
      return {};
    },
  };
}
