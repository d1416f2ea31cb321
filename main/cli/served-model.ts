/** From `--model` to a server: an address as it is typed, or a model of the library that is on one. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isAddress, parseAddress } from '../../native-models/process/remote-servers.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { openModelSettings } from '../service/models/model-settings.ts';
import { offline } from '../service/models/remote-library.ts';
import { openRemoteModels, type RemoteModels, type SecretKeeper } from '../service/models/remote-models.ts';
import { profileFolder } from './app-folders.ts';
import { serverKey } from './server-key.ts';

/** What the engine is told to connect to. */
export interface ServedModel {
  url: string;
  /** As the server lists it; null takes its first. */
  model: string | null;
  key: string | null;
}

/** A command line has no key store that it could open without asking, so a key is never written down by it. */
const noKeyStore: SecretKeeper = {
  encryptSecret: async () => {
    throw needsKey();
  },
  decryptSecret: async () => {
    throw needsKey();
  },
};

export function openRemoteModelsHere(): RemoteModels {
  return openRemoteModels(profileFolder(process.env), noKeyStore);
}

/**
 * Null where a folder is meant. A model of the library is named by its id, or as its server lists it.
 * @throws AppError `offline`, `access_denied` where a key is needed and not given;
 *   `invalid_request` for an address in the clear
 */
export async function findServedModel(
  model: string | null,
  asked: { precision: string | null; devices: unknown },
): Promise<ServedModel | null> {
  const served = model === null ? null : await lookUp(model);
  if (!served) return null;
  if (asked.precision !== null || asked.devices !== 'auto') {
    throw new AppError(
      'invalid_request',
      'A server decides by itself about precision and device. Leave them out.',
    );
  }
  const settings = await openModelSettings(profileFolder(process.env));
  if (settings.get().offline) throw offline();
  return served;
}

async function lookUp(text: string): Promise<ServedModel | null> {
  if (isAddress(text)) return { url: parseAddress(text), model: null, key: await serverKey(process.env) };
  if (await stat(resolve(text)).catch(() => null)) return null;
  const known = await openRemoteModelsHere().list();
  const found = known.find(({ id }) => id === text) ?? known.find(({ model }) => model === text);
  if (!found) return null;
  // A server that asks for none is not shown the key of another.
  const key = found.key ? await serverKey(process.env) : null;
  if (found.key && key === null) throw needsKey();
  return { url: found.url, model: found.model, key };
}

function needsKey(): AppError {
  return new AppError(
    'access_denied',
    'This server asks for a key. Set INTERNVL_SERVER_KEY to it, or INTERNVL_SERVER_KEY_FILE to a file that holds it, and try again.',
  );
}
