/** Which models are on this machine: the demo inside the app, and the converted ones in the profile's model folder. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type ConversionProgress,
  convertInto,
  importExportInto,
  isBegun,
  isExportFolder,
  manifestFile,
  openModelFolder,
  type Precision,
  partialFolder,
} from '../../../native-models/process/convert-client.ts';
import type { ConvertClient } from '../../../native-models/process/convert-contract.ts';
import type { DeviceTable } from '../../../native-models/process/probe-client.ts';
import { AppError, reportError } from '../../../preload/contract/errors.ts';
import { type ModelId, modelIdSchema } from '../../../preload/contract/ids.ts';
import type { BrokenModel, Model } from '../../../preload/contract/models.ts';
import {
  type DescribedFolder,
  demoId,
  demoName,
  demoPrecision,
  describeDemo,
  describeFolder,
} from './describe-model.ts';
import { expectedSpeed } from './expected-speed.ts';
import { type FileCheck, findDamagedFiles, refuseDamagedFolder } from './find-damage.ts';
import { isLocked, withFolderLock } from './folder-lock.ts';
import { findModel } from './model-cache.ts';
import { type ModelOrigin, readLicense } from './model-origin.ts';
import { readSeal, sealModelFolder } from './model-seal.ts';
import { refuseUsedModel } from './model-use.ts';
import { placeModel } from './place-model.ts';
import { type RepairOptions, repairModelFolder } from './repair-model.ts';

/** Conversions that the cache keeps, and those that are not whole, are named so. */
const notInLibrary = /^(?:[0-9a-f]{32}|making-.*|.*\.partial|.*\.lock|demo|checkpoints|.*\.mending)$/;

/** A model folder that can be loaded. `renewable`: it may be thrown away and made again. */
export interface LoadableFolder {
  folder: string;
  /** As lists and figures name the model. */
  name: string;
  renewable: boolean;
}

/** A model on another machine. */
export interface LoadableServer {
  url: string;
  /** As the server lists it. */
  model: string;
  key: string | null;
  /** As lists and figures name the model. */
  name: string;
}

type OnProgress = (progress: ConversionProgress) => void;

/** A checkpoint or export on this machine. An export has its own precisions: the asked one is taken where it is there. */
interface MakeRequest {
  path: string;
  precision: Precision;
}

export interface ModelLibrary {
  list(): Promise<Model[]>;
  /** Folders that were models and can't be used any more, with what to do about it. */
  listBroken(): Promise<BrokenModel[]>;
  /** Also true of a broken one: opening it says what is wrong. */
  has(id: ModelId): Promise<boolean>;
  /** The folder to load; converts the demo where that has not happened yet. Null when aborted. @throws AppError `not_found` */
  open(
    id: ModelId,
    options: { onProgress: OnProgress; signal: AbortSignal },
  ): Promise<LoadableFolder | LoadableServer | null>;
  /** A name for what is to be made: one where the same work was begun and nobody is at it, else one that nothing has. */
  claimId(wanted: MakeRequest & { name: string }): Promise<ModelId>;
  /** Removes what an unfinished conversion left at a claimed name. */
  discardClaim(id: ModelId): Promise<void>;
  /**
   * Makes a model of a published checkpoint or a ready-made export under a claimed name. Null when aborted: what is made
   * so far stays under the claimed name, and the next call goes on with it.
   */
  convert(
    made: MakeRequest & { id: ModelId; origin: ModelOrigin },
    options: { onProgress: OnProgress; signal: AbortSignal },
  ): Promise<Model | null>;
  /** Copies a converted model that lies elsewhere, checking every byte. */
  adopt(
    found: { path: string; name: string; origin?: string },
    options: { onProgress: (doneBytes: number, totalBytes: number) => void; signal: AbortSignal },
  ): Promise<Model>;
  /** Names of a model's files that are not as they were written. @throws AppError `invalid_request` for the demo */
  findDamaged(id: ModelId, check: FileCheck): Promise<string[]>;
  /** Makes damaged files again, and only those; see `repairModelFolder`. @throws AppError `invalid_request` for the demo */
  repair(id: ModelId, options: RepairOptions): Promise<string[]>;
  /** @throws AppError `invalid_request` for the demo and for one that another process has loaded, `not_found` */
  remove(id: ModelId): Promise<void>;
}

export function openModelLibrary(options: {
  /** The folder of models; asked each time, since the library can be moved. */
  folder: () => string;
  demoCheckpoint: string;
  convertClient: ConvertClient;
  /** What was measured of this machine; left out: no speeds are told. */
  deviceTable?: () => DeviceTable | null;
}): ModelLibrary {
  const { folder, demoCheckpoint, convertClient } = options;
  const described = new Map<string, DescribedFolder>();
  const pathOf = (id: ModelId): string => {
    if (notInLibrary.test(id) || /^\.+$/.test(id)) throw unknownModel();
    return join(folder(), id);
  };

  /** Null for what is no model of this version; a model is read once for each state of its manifest. */
  async function describe(name: string): Promise<DescribedFolder | null> {
    const id = modelIdSchema.safeParse(name);
    if (!id.success || notInLibrary.test(name)) return null;
    const manifest = await stat(join(folder(), name, manifestFile)).catch(() => null);
    if (!manifest) return null;
    const key = `${name}/${manifest.mtimeMs}`;
    const known = described.get(key);
    if (known) return known;
    const opened = await openModelFolder(join(folder(), name)).catch(() => null);
    if (!opened) return null;
    const seal = await readSeal(join(folder(), name));
    const found = describeFolder(id.data, opened, seal === 'broken' ? null : seal);
    described.set(key, found);
    return found;
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
      const table = options.deviceTable?.() ?? null;
      const withSpeed = models.flatMap((found) => {
        const expected = found && expectedSpeed(table, found.shape);
        return found ? [{ ...found.model, ...(expected && { expected }) }] : [];
      });
      return [await describeDemo(demoCheckpoint), ...withSpeed];
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
      return { folder: path, name: (await describe(id))?.model.name ?? id, renewable: false };
    },
    async claimId({ path, precision, name }) {
      const isExport = await isExportFolder(path);
      return freeId(folder(), isExport ? name : `${name}-${precision}`, async (out) => {
        const isHere = !isExport && (await isBegun({ checkpoint: path, out, precision }));
        return isHere && !(await isLocked(`${out}.lock`));
      });
    },
    async discardClaim(id) {
      await rm(partialFolder(pathOf(id)), { recursive: true, force: true });
    },
    async convert({ path, id, precision, origin }, options) {
      const out = pathOf(id);
      await mkdir(folder(), { recursive: true, mode: 0o700 });
      const isMade = await withFolderLock(`${out}.lock`, async () =>
        (await isExportFolder(path))
          ? importExportInto(convertClient, { source: path, out, precision }, options)
          : convertInto(convertClient, { checkpoint: path, out, precision }, options),
      );
      if (!isMade) return null;
      const license = origin.type === 'hub' ? origin.license : await readLicense(path);
      await sealModelFolder(out, { origin, license });
      return (await describe(id))?.model ?? null;
    },
    async adopt({ path, name, origin }, progress) {
      const id = await freeId(folder(), name);
      await placeModel({ from: path, to: pathOf(id), ...(origin !== undefined && { origin }), ...progress });
      const found = await describe(id);
      if (!found) throw unknownModel();
      return found.model;
    },
    async findDamaged(id, check) {
      if (id === demoId) throw demoRenews();
      const path = pathOf(id);
      if (!(await stat(path).catch(() => null))) throw unknownModel();
      return findDamagedFiles(path, check);
    },
    async repair(id, options) {
      if (id === demoId) throw demoRenews();
      const path = pathOf(id);
      if (!(await stat(path).catch(() => null))) throw unknownModel();
      await refuseUsedModel(path);
      const mended = await withFolderLock(`${path}.lock`, () =>
        repairModelFolder(convertClient, path, options),
      );
      described.clear();
      return mended;
    },
    async remove(id) {
      if (id === demoId) throw new AppError('invalid_request', 'The demo is part of the app and stays.');
      const path = pathOf(id);
      if (!(await stat(path).catch(() => null))) throw unknownModel();
      await refuseUsedModel(path);
      await rm(join(path, manifestFile), { force: true }); // first, so that a half removed folder is no model
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** A name of the library that nothing has yet, or whose unfinished work `mayGoOn`. */
async function freeId(
  folder: string,
  wanted: string,
  mayGoOn: (out: string) => Promise<boolean> = async () => false,
): Promise<ModelId> {
  const taken = new Set(await readdir(folder).catch((): string[] => []));
  const plain =
    basename(wanted)
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(-180) || 'model';
  for (let number = 1; ; number++) {
    const id = number === 1 ? plain : `${plain}-${number}`;
    if (taken.has(id) || notInLibrary.test(id)) continue;
    // A conversion that is on its way, here or in another process, has its name already.
    const isClaimed = taken.has(`${id}.partial`) || taken.has(`${id}.lock`);
    if (!isClaimed || (await mayGoOn(join(folder, id)))) return modelIdSchema.parse(id);
  }
}

function demoRenews(): AppError {
  return new AppError('invalid_request', 'The demo is made anew whenever it is damaged.');
}

function unknownModel(): AppError {
  return new AppError('not_found', 'This model is not on this machine any more. Choose another one.');
}
