/** The model library with the models on servers in it: one list, one way to open, one way to remove. */
import { hostOf } from '../../../native-models/process/remote-servers.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ModelId } from '../../../preload/contract/ids.ts';
import type { Model } from '../../../preload/contract/models.ts';
import type { LoadableServer, ModelLibrary } from './model-library.ts';
import type { RemoteModel, RemoteModels } from './remote-models.ts';

/** What InternVL3 has where a server does not say; its own figures are the server's. */
const usualContextLength = 32_768;
const usualTiles = 12;

/**
 * @param isOffline asked at each opening: while it holds, no server is reached
 * @throws as the library; `open` of a model on a server: AppError `offline`
 */
export function withRemoteModels(
  library: ModelLibrary,
  remote: RemoteModels,
  isOffline: () => boolean,
): ModelLibrary {
  const openServed = async (model: RemoteModel): Promise<LoadableServer> => {
    if (isOffline()) throw offline();
    const { url } = model;
    return { url, model: model.model, key: await remote.readKey(model), name: nameOf(model) };
  };
  const refuseServed = async (id: ModelId) => {
    if (await remote.find(id))
      throw new AppError('invalid_request', 'This model has no files on this machine.');
  };
  return {
    ...library,
    list: async () => [
      ...(await library.list()),
      ...(await remote.list()).map((model) => describeRemote(model, remote)),
    ],
    has: async (id) => (await remote.find(id)) !== null || library.has(id),
    async open(id, options) {
      const served = await remote.find(id);
      return served ? openServed(served) : library.open(id, options);
    },
    async findDamaged(id, check) {
      await refuseServed(id);
      return library.findDamaged(id, check);
    },
    async repair(id, options) {
      await refuseServed(id);
      return library.repair(id, options);
    },
    async remove(id) {
      if (!(await remote.remove(id))) await library.remove(id);
    },
  };
}

export function offline(): AppError {
  return new AppError(
    'offline',
    'The app is set to stay offline: nothing is fetched, and no server is asked. Switch it off under Models.',
  );
}

/** The same name on two servers must not look like one model. */
function nameOf({ model, url }: RemoteModel): string {
  return `${model.split('/').at(-1)} · ${hostOf(url)}`.slice(0, 200);
}

function describeRemote(model: RemoteModel, remote: RemoteModels): Model {
  const { id, url, server, contextLength } = model;
  return {
    id,
    name: nameOf(model),
    isDemo: false,
    precision: { vision: 'unknown', decoder: 'unknown' },
    sizeBytes: 0,
    contextLength: contextLength ?? usualContextLength,
    maxTiles: usualTiles,
    notes: [],
    remote: { host: hostOf(url), server, model: model.model, key: remote.keyPlace(model) },
  };
}
