/** Which model the engine holds. It is loaded when a question comes, and again when the engine has died. */

import { rm } from 'node:fs/promises';
import {
  connectModel,
  type DeviceNames,
  type LoadedModel,
  type QuestionSize,
} from '../../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../../native-models/process/engine-contract.ts';
import { unlessAborted } from '../../../native-models/process/unless-aborted.ts';
import { AppError, reportError } from '../../../preload/contract/errors.ts';
import type { ModelId } from '../../../preload/contract/ids.ts';
import type { ModelState } from '../../../preload/contract/models.ts';
import { demoId } from './describe-model.ts';
import { type DeviceAdvice, isDeviceFault, loadOnDevices } from './load-on-devices.ts';
import type { ModelLibrary } from './model-library.ts';
import { holdModel } from './model-use.ts';

type OnProgress = (done: number, total: number) => void;

export interface LoadedModels {
  readonly state: ModelState;
  /** The loaded model, or null; its description is what estimates are made of. */
  readonly loaded: LoadedModel | null;
  /** When it was last asked for, on `performance.now()`; null where none is loaded. */
  readonly lastUsedMs: number | null;
  /** Notes a use that `ensure` does not see. */
  touch(): void;
  /** The model to answer with, loaded where it is not; null when aborted, while loading goes on for the next question. */
  ensure(options: {
    signal: AbortSignal;
    onProgress?: OnProgress;
    /** What it is loaded for, where it has to be; default: the usual question. */
    question?: () => QuestionSize;
  }): Promise<LoadedModel | null>;
  /** Loads a model in place of the one before. */
  load(id: ModelId, devices: DeviceNames): Promise<LoadedModel>;
  /**
   * Loads the same model on the CPU, after `error` ended an answer on another device.
   * @returns whether that is what happened; false where the CPU or a server was at work
   */
  fallBack(model: LoadedModel, error: unknown): Promise<boolean>;
  unload(): Promise<void>;
  /** The engine process ended, and the model with it. */
  forget(): void;
}

interface Wanted {
  id: ModelId;
  devices: DeviceNames;
  question: QuestionSize | undefined;
}

interface Loading {
  id: ModelId;
  devices: DeviceNames;
  done: Promise<LoadedModel>;
  onProgress: Set<OnProgress>;
}

export function createLoadedModels(service: {
  engine: EngineClient;
  library: ModelLibrary;
  /** The model a person chose last. */
  remembered: () => ModelId | null;
  onState: (state: ModelState) => void;
  /** What `auto` means in this run: the devices the service was started with, if any. */
  devices: DeviceNames;
  /** Which devices `auto` takes, and who hears of one that fails. */
  advice: DeviceAdvice;
  /** The engine died; whatever else it held is gone too. */
  onGone: () => void;
  /** Where the engine keeps caches on the disk; null nowhere. */
  diskCache: () => { folder: string; maxBytes: number } | null;
}): LoadedModels {
  const { engine, library } = service;
  let state: ModelState = { state: 'unloaded' };
  let loaded: { id: ModelId; devices: DeviceNames; model: LoadedModel } | null = null;
  /** What was loaded last, even where its process has ended since. */
  let last: { id: ModelId; model: LoadedModel } | null = null;
  let loading: Loading | null = null;
  let usedMs = 0;
  let letGo = async () => {};

  const become = (next: ModelState) => {
    state = next;
    service.onState(next);
  };

  function begin(id: ModelId, devices: DeviceNames, question?: QuestionSize): Loading {
    const onProgress = new Set<OnProgress>();
    const before = loading?.done.catch(() => {}) ?? Promise.resolve();
    let lastShare = -1;
    const tell = (done: number, total: number) => {
      const share = total > 0 ? Math.floor((100 * done) / total) : 0;
      if (share === lastShare) return; // hundreds of small tensors would be hundreds of events
      lastShare = share;
      become({ state: 'loading', modelId: id, done: Math.round(done), total: Math.round(total) });
      for (const listener of onProgress) listener(done, total);
    };
    const started: Loading = {
      id,
      devices,
      onProgress,
      done: before.then(() => work({ id, devices, question }, tell)),
    };
    loading = started;
    started.done
      .catch((error) => become({ state: 'failed', modelId: id, error: reportError(error) }))
      .finally(() => {
        if (loading === started) loading = null;
      });
    return started;
  }

  async function work(asked: Wanted, tell: OnProgress): Promise<LoadedModel> {
    const { id, devices } = asked;
    loaded = null;
    await letGo();
    tell(0, 0);
    const model = await loadRenewed(asked, tell);
    const { rssBytes } = await engine.describeProcess({});
    loaded = { id, devices, model };
    last = { id, model };
    usedMs = performance.now();
    become({ state: 'ready', modelId: id, device: model.description.device, loadMs: model.loadMs, rssBytes });
    return model;
  }

  /** Loads; a damaged folder that can be made again is made again, once. */
  async function loadRenewed({ id, devices, question }: Wanted, tell: OnProgress): Promise<LoadedModel> {
    for (let attempt = 1; ; attempt++) {
      const found = await library.open(id, {
        onProgress: ({ done, total }) => tell(done, total),
        signal: new AbortController().signal,
      });
      if (!found) throw new AppError('internal', 'Loading the model ended early.');
      if ('url' in found) {
        const { name, ...address } = found;
        const model = await connectModel(engine, address);
        if (model) return { ...model, description: { ...model.description, name } };
        continue;
      }
      letGo = await holdModel(found.folder);
      try {
        const disk = service.diskCache();
        const request = {
          folder: found.folder,
          devices,
          ...(question && { question }),
          ...(disk && { disk }),
        };
        const model = await loadOnDevices(engine, request, service.advice);
        if (model) return { ...model, description: { ...model.description, name: found.name } };
      } catch (error) {
        await letGo();
        const isDamaged = error instanceof AppError && error.code === 'model_folder_broken';
        if (!isDamaged || !found.renewable || attempt > 1) throw error;
        await rm(found.folder, { recursive: true, force: true });
      }
    }
  }

  /** The model remembered where it is still there, else the demo. */
  async function chooseModel(): Promise<ModelId> {
    const id = service.remembered();
    return id !== null && (await library.has(id)) ? id : demoId;
  }

  return {
    get state() {
      return state;
    },
    get loaded() {
      return loaded?.model ?? null;
    },
    get lastUsedMs() {
      return loaded && !loading ? usedMs : null;
    },
    touch() {
      usedMs = performance.now();
    },
    async ensure({ signal, onProgress, question }) {
      usedMs = performance.now();
      if (!loading && loaded) return loaded.model;
      const id = loading ? null : await chooseModel();
      // Who asked meanwhile may have begun, or even be done.
      if (!loading && loaded) return loaded.model;
      const current = loading ?? begin(id ?? demoId, service.devices, question?.());
      if (onProgress) current.onProgress.add(onProgress);
      try {
        return await unlessAborted(current.done, signal);
      } finally {
        if (onProgress) current.onProgress.delete(onProgress);
      }
    },
    async load(id, asked) {
      const devices = asked === 'auto' ? service.devices : asked;
      if (!(await library.has(id)))
        throw new AppError('not_found', 'This model is not on this machine any more. Choose another one.');
      if (!loading && loaded?.id === id && areEqual(loaded.devices, devices)) return loaded.model;
      if (loading?.id === id && areEqual(loading.devices, devices)) return loading.done;
      return begin(id, devices).done;
    },
    async fallBack(model, error) {
      const { device, remote } = model.description;
      if (remote || device === 'cpu' || !isDeviceFault(error)) return false;
      // Another answer may have seen it first; and the engine's end may have been heard of before its answer's.
      if (loading?.devices[0] === 'cpu') return loading.done.then(() => true);
      if (loaded && loaded.model !== model) return true;
      if (last?.model !== model) return false;
      const failed = device.split(' ').find((word) => /^[a-z]/.test(word) && word !== 'cpu') ?? device;
      await service.advice.onFailed(failed);
      if (error instanceof AppError && error.code === 'child_gone') service.onGone();
      await begin(last.id, ['cpu']).done;
      return true;
    },
    async unload() {
      await loading?.done.catch(() => {});
      loaded = null; // at once, so that no question begins with it meanwhile
      for await (const _ of engine.unloadModel({}));
      await letGo();
      become({ state: 'unloaded' });
    },
    forget() {
      service.onGone();
      if (!loaded) return;
      loaded = null;
      if (!loading) void letGo();
      if (!loading) become({ state: 'unloaded' });
    },
  };
}

function areEqual(a: DeviceNames, b: DeviceNames): boolean {
  return String(a) === String(b);
}
