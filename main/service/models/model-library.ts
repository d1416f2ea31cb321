/** Which models are on this machine: the demo inside the app, and the converted ones in the profile's model folder. */
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type ConversionProgress,
  convertInto,
  manifestFile,
  openModelFolder,
  type Precision,
} from '../../../native-models/process/convert-client.ts';
import type { ConvertClient } from '../../../native-models/process/convert-contract.ts';
import { AppError, reportError } from '../../../preload/contract/errors.ts';
import { type ModelId, modelIdSchema } from '../../../preload/contract/ids.ts';
import type { BrokenModel, Model } from '../../../preload/contract/models.ts';
import { demoId, demoName, demoPrecision, describeDemo, describeFolder } from './describe-model.ts';
import { findModel } from './model-cache.ts';
import { type FileCheck, findDamagedFiles, refuseDamagedFolder, sealModelFolder } from './model-seal.ts';
import { placeModel } from './place-model.ts';

/** Conversions that the cache keeps, and those that are not whole, are named so. */
const notInLibrary = /^(?:[0-9a-f]{32}|making-.*|.*\.partial|.*\.lock|demo|checkpoints)$/;

/** A model folder that can be loaded. `renewable`: it may be thrown away and made again. */
export interface LoadableFolder {
  folder: string;
  /** As lists and figures name the model. */
  name: string;
  renewable: boolean;
}

type OnProgress = (progress: ConversionProgress) => void;

export interface ModelLibrary {
  list(): Promise<Model[]>;
  /** Folders that were models and can't be used any more, with what to do about it. */
  listBroken(): Promise<BrokenModel[]>;
  /** Also true of a broken one: opening it says what is wrong. */
  has(id: ModelId): Promise<boolean>;
  /** The folder to load; converts the demo where that has not happened yet. Null when aborted. @throws AppError `not_found` */
  open(id: ModelId, options: { onProgress: OnProgress; signal: AbortSignal }): Promise<LoadableFolder | null>;
  /** A name of the library that nothing has yet, made of what is wanted. */
  claimId(wanted: string): Promise<ModelId>;
  /** Removes what an unfinished conversion left at a claimed name. */
  discardClaim(id: ModelId): Promise<void>;
  /** Makes a model of a published checkpoint under a claimed name; null when aborted, and then nothing of it is left. */
  convert(
    checkpoint: { path: string; id: ModelId; precision: Precision },
    options: { onProgress: OnProgress; signal: AbortSignal },
  ): Promise<Model | null>;
  /** Copies a converted model that lies elsewhere, checking every byte. */
  adopt(
    found: { path: string; name: string },
    options: { onProgress: (doneBytes: number, totalBytes: number) => void; signal: AbortSignal },
  ): Promise<Model>;
  /** Names of a model's files that are not as they were written. @throws AppError `invalid_request` for the demo */
  findDamaged(id: ModelId, check: FileCheck): Promise<string[]>;
  /** @throws AppError `invalid_request` for the demo, `not_found` */
  remove(id: ModelId): Promise<void>;
}

export function openModelLibrary(options: {
  /** The folder of models; asked each time, since the library can be moved. */
  folder: () => string;
  demoCheckpoint: string;
  convertClient: ConvertClient;
}): ModelLibrary {
  const { folder, demoCheckpoint, convertClient } = options;
  const described = new Map<string, Model>();
  const pathOf = (id: ModelId): string => {
    if (notInLibrary.test(id) || /^\.+$/.test(id)) throw unknownModel();
    return join(folder(), id);
  };

  /** Null for what is no model of this version; a model is read once for each state of its manifest. */
  async function describe(name: string): Promise<Model | null> {
    const id = modelIdSchema.safeParse(name);
    if (!id.success || notInLibrary.test(name)) return null;
    const manifest = await stat(join(folder(), name, manifestFile)).catch(() => null);
    if (!manifest) return null;
    const key = `${name}/${manifest.mtimeMs}`;
    const known = described.get(key);
    if (known) return known;
    const opened = await openModelFolder(join(folder(), name)).catch(() => null);
    if (!opened) return null;
    const model = describeFolder(id.data, opened);
    described.set(key, model);
    return model;
  }

  const isModelFolder = async (name: string): Promise<boolean> =>
    !notInLibrary.test(name) && (await stat(join(folder(), name, manifestFile)).catch(() => null)) !== null;

  async function whyBroken(name: string): Promise<BrokenModel | null> {
    const id = modelIdSchema.safeParse(name);
    if (!id.success || !(await isModelFolder(name)) || (await describe(name))) return null;
    const error = await openModelFolder(join(folder(), name)).then(() => null, reportError);
    return error && { id: id.data, error };
  }

  const convertDemo = async (onProgress: OnProgress, signal: AbortSignal): Promise<LoadableFolder | null> => {
    const found = await findModel({
      folder: demoCheckpoint,
      precision: demoPrecision,
      cache: folder(),
      signal,
      convert: (request) => convertInto(convertClient, request, { onProgress, signal }),
    });
    return found && { folder: found.folder, name: demoName, renewable: found.cached };
  };

  return {
    async list() {
      const names = await readdir(folder()).catch((): string[] => []);
      const models = await Promise.all(names.sort().map(describe));
      return [await describeDemo(demoCheckpoint), ...models.filter((model) => model !== null)];
    },
    async listBroken() {
      const names = await readdir(folder()).catch((): string[] => []);
      const found = await Promise.all(names.sort().map(whyBroken));
      return found.filter((broken) => broken !== null);
    },
    has: async (id) => id === demoId || (await isModelFolder(id)),
    async open(id, { onProgress, signal }) {
      if (id === demoId) return convertDemo(onProgress, signal);
      const path = pathOf(id);
      if (!(await stat(join(path, manifestFile)).catch(() => null))) throw unknownModel();
      await refuseDamagedFolder(path);
      return { folder: path, name: (await describe(id))?.name ?? id, renewable: false };
    },
    claimId: (wanted) => freeId(folder(), wanted),
    async discardClaim(id) {
      await rm(`${pathOf(id)}.partial`, { recursive: true, force: true });
    },
    async convert({ path, id, precision }, { onProgress, signal }) {
      const out = pathOf(id);
      try {
        const request = { checkpoint: path, out, precision };
        if (!(await convertInto(convertClient, request, { onProgress, signal }))) return null;
      } finally {
        await rm(`${out}.partial`, { recursive: true, force: true });
      }
      await sealModelFolder(out);
      return describe(id);
    },
    async adopt({ path, name }, progress) {
      const id = await freeId(folder(), name);
      await placeModel({ from: path, to: pathOf(id), ...progress });
      const model = await describe(id);
      if (!model) throw unknownModel();
      return model;
    },
    async findDamaged(id, check) {
      if (id === demoId)
        throw new AppError('invalid_request', 'The demo is made anew whenever it is damaged.');
      const path = pathOf(id);
      if (!(await stat(path).catch(() => null))) throw unknownModel();
      return findDamagedFiles(path, check);
    },
    async remove(id) {
      if (id === demoId) throw new AppError('invalid_request', 'The demo is part of the app and stays.');
      const path = pathOf(id);
      if (!(await stat(path).catch(() => null))) throw unknownModel();
      await rm(join(path, manifestFile), { force: true }); // first, so that a half removed folder is no model
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** A name of the library that nothing has yet. */
async function freeId(folder: string, wanted: string): Promise<ModelId> {
  const taken = new Set(await readdir(folder).catch((): string[] => []));
  const plain =
    basename(wanted)
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(-180) || 'model';
  for (let number = 1; ; number++) {
    const id = number === 1 ? plain : `${plain}-${number}`;
    // A conversion that is on its way, here or in another process, has its name already.
    if (!taken.has(id) && !taken.has(`${id}.partial`) && !notInLibrary.test(id))
      return modelIdSchema.parse(id);
  }
}

function unknownModel(): AppError {
  return new AppError('not_found', 'This model is not on this machine any more. Choose another one.');
}
