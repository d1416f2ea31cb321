/** Which models are on this machine: the demo inside the app, and the converted ones in the profile's model folder. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type ConversionProgress,
  convertInto,
  type ModelFolder,
  manifestFile,
  openModelFolder,
  type Precision,
} from '../../../native-models/process/convert-client.ts';
import type { ConvertClient } from '../../../native-models/process/convert-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { type ModelId, modelIdSchema } from '../../../preload/contract/ids.ts';
import type { Model } from '../../../preload/contract/models.ts';
import { findModel } from './model-cache.ts';

export const demoId = modelIdSchema.parse('demo');

/** The demo's checkpoint calls itself by the family's name; its figures must not pass for a real model's. */
const demoName = 'Demo';

/** What the demo is converted to: half the memory, and no answer changes for it. */
const demoPrecision: Precision = 'int4';

/** Conversions that the cache keeps, and those that are not whole, are named so. */
const notInLibrary = /^(?:[0-9a-f]{32}|making-.*|.*\.partial|.*\.lock|demo)$/;

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
  has(id: ModelId): Promise<boolean>;
  /** The folder to load; converts the demo where that has not happened yet. Null when aborted. @throws AppError `not_found` */
  open(id: ModelId, options: { onProgress: OnProgress; signal: AbortSignal }): Promise<LoadableFolder | null>;
  /** Makes a model of a published checkpoint; null when aborted, and then nothing of it is left. */
  convert(
    checkpoint: { path: string; name: string; precision: Precision },
    options: { onProgress: OnProgress; signal: AbortSignal },
  ): Promise<Model | null>;
  /** @throws AppError `invalid_request` for the demo, `not_found` */
  remove(id: ModelId): Promise<void>;
}

export function openModelLibrary(options: {
  /** The profile's folder of models. */
  folder: string;
  demoCheckpoint: string;
  convertClient: ConvertClient;
}): ModelLibrary {
  const { folder, demoCheckpoint, convertClient } = options;
  const described = new Map<string, Model>();
  const pathOf = (id: ModelId): string => {
    if (notInLibrary.test(id) || /^\.+$/.test(id)) throw unknownModel();
    return join(folder, id);
  };

  /** Null for what is no model of this version; a model is read once for each state of its manifest. */
  async function describe(name: string): Promise<Model | null> {
    const id = modelIdSchema.safeParse(name);
    if (!id.success || notInLibrary.test(name)) return null;
    const manifest = await stat(join(folder, name, manifestFile)).catch(() => null);
    if (!manifest) return null;
    const key = `${name}/${manifest.mtimeMs}`;
    const known = described.get(key);
    if (known) return known;
    const opened = await openModelFolder(join(folder, name)).catch(() => null);
    if (!opened) return null;
    const model = describeFolder(id.data, opened);
    described.set(key, model);
    return model;
  }

  const convertDemo = async (onProgress: OnProgress, signal: AbortSignal): Promise<LoadableFolder | null> => {
    const found = await findModel({
      folder: demoCheckpoint,
      precision: demoPrecision,
      cache: folder,
      signal,
      convert: (request) => convertInto(convertClient, request, { onProgress, signal }),
    });
    return found && { folder: found.folder, name: demoName, renewable: found.cached };
  };

  return {
    async list() {
      const names = await readdir(folder).catch((): string[] => []);
      const models = await Promise.all(names.sort().map(describe));
      return [await describeDemo(demoCheckpoint), ...models.filter((model) => model !== null)];
    },
    has: async (id) => id === demoId || (await describe(id)) !== null,
    async open(id, { onProgress, signal }) {
      if (id === demoId) return convertDemo(onProgress, signal);
      const path = pathOf(id);
      if (!(await stat(join(path, manifestFile)).catch(() => null))) throw unknownModel();
      return { folder: path, name: (await describe(id))?.name ?? id, renewable: false };
    },
    async convert({ path, name, precision }, { onProgress, signal }) {
      const id = await freeId(folder, `${name}-${precision}`);
      const out = join(folder, id);
      try {
        const request = { checkpoint: path, out, precision };
        if (!(await convertInto(convertClient, request, { onProgress, signal }))) return null;
      } finally {
        await rm(`${out}.partial`, { recursive: true, force: true });
      }
      return describe(id);
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

function describeFolder(id: ModelId, { manifest }: ModelFolder): Model {
  const { name, precision, config, files, notes } = manifest;
  return {
    id,
    name: name.slice(0, 200),
    isDemo: false,
    precision,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    contextLength: config.decoder.contextLength,
    maxTiles: config.maxTiles,
    notes,
  };
}

/** As its checkpoint says, since it is converted only when it is first needed. */
async function describeDemo(checkpoint: string): Promise<Model> {
  const config = JSON.parse(await readFile(join(checkpoint, 'config.json'), 'utf8')) as {
    max_dynamic_patch: number;
    llm_config: { max_position_embeddings: number };
  };
  const { size } = await stat(join(checkpoint, 'model.safetensors'));
  return {
    id: demoId,
    name: demoName,
    isDemo: true,
    precision: { vision: 'int8', decoder: demoPrecision },
    sizeBytes: size,
    contextLength: config.llm_config.max_position_embeddings,
    maxTiles: config.max_dynamic_patch,
    notes: [],
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
    if (!taken.has(id) && !notInLibrary.test(id)) return modelIdSchema.parse(id);
  }
}

function unknownModel(): AppError {
  return new AppError('not_found', 'This model is not on this machine any more. Choose another one.');
}
