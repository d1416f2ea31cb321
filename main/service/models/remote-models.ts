/** Addresses that a person added to the library, and their keys: a small file, so that the command line reads it too. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hostOf } from '../../../native-models/process/remote-servers.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { type ModelId, modelIdSchema } from '../../../preload/contract/ids.ts';
import type { ServerKeyPlace } from '../../../preload/contract/remote-models.ts';

const savedModelSchema = z.object({
  id: modelIdSchema,
  url: z.string(),
  /** As the server lists it. */
  model: z.string(),
  /** As a person knows it: LMDeploy, vLLM … */
  server: z.string(),
  /** Null where the server does not say. */
  contextLength: z.int().positive().nullable(),
  /** Absent where the server asks for none. `sealed`: null where the shell could not keep it. */
  key: z.object({ sealed: z.string().nullable() }).optional(),
});
const savedSchema = z.object({ models: z.array(savedModelSchema).max(1000) });

export type RemoteModel = z.infer<typeof savedModelSchema>;

/** How secrets are kept: by the shell, whose `encryptSecret` fails where the system has no key store. */
export interface SecretKeeper {
  encryptSecret(secret: { text: string }): Promise<{ sealed: string }>;
  decryptSecret(secret: { sealed: string }): Promise<{ text: string }>;
}

export interface RemoteModels {
  list(): Promise<RemoteModel[]>;
  /** Null for what is no model on a server. */
  find(id: ModelId): Promise<RemoteModel | null>;
  keyPlace(model: RemoteModel): ServerKeyPlace;
  /** @throws AppError `access_denied` where it was kept until the app quit */
  readKey(model: RemoteModel): Promise<string | null>;
  /** Adds it, or renews the one of the same address and name. @throws AppError `profile_readonly` */
  add(served: Omit<RemoteModel, 'id' | 'key'> & { key: string | null }): Promise<RemoteModel>;
  /** False where it is none. */
  remove(id: ModelId): Promise<boolean>;
}

export function openRemoteModels(profileFolder: string, secrets: SecretKeeper): RemoteModels {
  const path = join(profileFolder, 'model-servers.json');
  /** Keys that no key store takes: until the app quits. */
  const session = new Map<ModelId, string>();

  async function save(models: RemoteModel[]): Promise<void> {
    try {
      await mkdir(profileFolder, { recursive: true, mode: 0o700 });
      await writeFile(`${path}.new`, JSON.stringify({ models }, null, 1), { mode: 0o600 });
      await rename(`${path}.new`, path);
    } catch (cause) {
      const sentence = 'The app may not write to its folder, so this server can’t be kept.';
      throw new AppError('profile_readonly', sentence, { cause });
    }
  }

  async function seal(id: ModelId, key: string | null): Promise<Pick<RemoteModel, 'key'>> {
    session.delete(id);
    if (key === null) return {};
    try {
      return { key: await secrets.encryptSecret({ text: key }) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      session.set(id, key);
      return { key: { sealed: null } };
    }
  }

  return {
    list: () => read(path),
    find: async (id) => (await read(path)).find((model) => model.id === id) ?? null,
    keyPlace({ id, key }) {
      if (!key) return 'none';
      if (key.sealed !== null) return 'kept';
      return session.has(id) ? 'session' : 'missing';
    },
    async readKey({ id, key }) {
      if (!key) return null;
      if (key.sealed !== null) return (await secrets.decryptSecret({ sealed: key.sealed })).text;
      const held = session.get(id);
      if (held !== undefined) return held;
      throw new AppError(
        'access_denied',
        'The key of this server was kept only until the app quit. Add the server again with its key.',
      );
    },
    async add({ key, ...served }) {
      const models = await read(path);
      const known = models.find(({ url, model }) => url === served.url && model === served.model);
      const id = known?.id ?? freeId(served, models);
      const added: RemoteModel = { id, ...served, ...(await seal(id, key)) };
      await save(known ? models.map((model) => (model === known ? added : model)) : [...models, added]);
      return added;
    },
    async remove(id) {
      const models = await read(path);
      const left = models.filter((model) => model.id !== id);
      if (left.length === models.length) return false;
      session.delete(id);
      await save(left);
      return true;
    },
  };
}

/** Names model and host: `remote-InternVL3-78B-gpu.example.org-23333`. */
function freeId({ url, model }: Pick<RemoteModel, 'url' | 'model'>, taken: readonly RemoteModel[]): ModelId {
  const plain = `${remotePrefix}${model.split('/').at(-1)}-${hostOf(url)}`
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 180);
  for (let number = 1; ; number++) {
    const id = modelIdSchema.parse(number === 1 ? plain : `${plain}-${number}`);
    if (!taken.some((model) => model.id === id)) return id;
  }
}

/** What ids of models elsewhere begin with: no folder that the app makes does. */
const remotePrefix = 'remote-';

async function read(path: string): Promise<RemoteModel[]> {
  try {
    return savedSchema.parse(JSON.parse(await readFile(path, 'utf8'))).models;
  } catch {
    return []; // none yet, or cut off while it was written
  }
}
