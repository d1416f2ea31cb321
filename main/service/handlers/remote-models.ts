/** Models on other machines: try an address, add it. Nothing is reached while the app is to stay offline. */
import { describeServer, parseAddress } from '../../../native-models/process/remote-servers.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { remoteModelContract } from '../../../preload/contract/remote-models.ts';
import type { AppEvents } from '../app-events.ts';
import { offline } from '../models/remote-library.ts';
import type { RemoteModels } from '../models/remote-models.ts';

export function remoteModelHandlers(service: {
  remote: RemoteModels;
  events: AppEvents;
  isOffline: () => boolean;
}): Handlers<typeof remoteModelContract> {
  const { remote, events, isOffline } = service;
  const ask = async (typed: string, key: string | null, signal: AbortSignal) => {
    if (isOffline()) throw offline();
    const url = parseAddress(typed);
    const { name: server, host, models, gaps } = await describeServer({ baseUrl: url, key }, { signal });
    return { url, host, server, models, gaps };
  };
  return {
    tryServer: ({ url, key }, signal) => ask(url, key, signal),
    async addRemoteModel({ url: typed, key, model }, signal) {
      const { url, server, models } = await ask(typed, key, signal);
      const served = models.find(({ id }) => id === model);
      if (!served)
        throw new AppError('not_found', 'The server does not list this model any more. Choose another one.');
      const added = await remote.add({ url, server, model, contextLength: served.contextLength, key });
      events.publish({ type: 'models-changed' });
      return { id: added.id, key: remote.keyPlace(added) };
    },
  };
}
