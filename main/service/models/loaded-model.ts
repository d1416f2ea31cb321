/** Which model the engine holds. It is loaded when a question comes, and again when the engine has died. */
import { rm } from 'node:fs/promises';
import { type Device, type LoadedModel, loadModel } from '../../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../../native-models/process/engine-contract.ts';
import { AppError, reportError } from '../../../preload/contract/errors.ts';
import type { ModelId } from '../../../preload/contract/ids.ts';
import type { ModelState } from '../../../preload/contract/models.ts';
import { demoId } from './describe-model.ts';
import type { ModelLibrary } from './model-library.ts';

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
  ensure(options: { signal: AbortSignal; onProgress?: OnProgress }): Promise<LoadedModel | null>;
  /** Loads a model in place of the one before. */
  load(id: ModelId, device: Device): Promise<LoadedModel>;
  unload(): Promise<void>;
  /** The engine process ended, and the model with it. */
  forget(): void;
}

interface Loading {
  id: ModelId;
  device: Device;
  done: Promise<LoadedModel>;
  onProgress: Set<OnProgress>;
}

export function createLoadedModels(service: {
  engine: EngineClient;
  library: ModelLibrary;
  /** The model a person chose last. */
  remembered: () => ModelId | null;
  onState: (state: ModelState) => void;
  /** The engine died; whatever else it held is gone too. */
  onGone: () => void;
}): LoadedModels {
  const { engine, library } = service;
  let state: ModelState = { state: 'unloaded' };
  let loaded: { id: ModelId; device: Device; model: LoadedModel } | null = null;
  let loading: Loading | null = null;
  let usedMs = 0;

  const become = (next: ModelState) => {
    state = next;
    service.onState(next);
  };

  function begin(id: ModelId, device: Device): Loading {
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
    const started: Loading = { id, device, onProgress, done: before.then(() => work(id, device, tell)) };
    loading = started;
    started.done
      .catch((error) => become({ state: 'failed', modelId: id, error: reportError(error) }))
      .finally(() => {
        if (loading === started) loading = null;
      });
    return started;
  }

  async function work(id: ModelId, device: Device, tell: OnProgress): Promise<LoadedModel> {
    loaded = null;
    tell(0, 0);
    const model = await loadRenewed(id, device, tell);
    const { rssBytes } = await engine.describeProcess({});
    loaded = { id, device, model };
    usedMs = performance.now();
    become({ state: 'ready', modelId: id, device: model.description.device, loadMs: model.loadMs, rssBytes });
    return model;
  }

  /** Loads; a damaged folder that can be made again is made again, once. */
  async function loadRenewed(id: ModelId, device: Device, tell: OnProgress): Promise<LoadedModel> {
    for (let attempt = 1; ; attempt++) {
      const found = await library.open(id, {
        onProgress: ({ done, total }) => tell(done, total),
        signal: new AbortController().signal,
      });
      if (!found) throw new AppError('internal', 'Loading the model ended early.');
      try {
        const model = await loadModel(engine, { folder: found.folder, device });
        if (model) return { ...model, description: { ...model.description, name: found.name } };
      } catch (error) {
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
    async ensure({ signal, onProgress }) {
      usedMs = performance.now();
      if (!loading && loaded) return loaded.model;
      const current = loading ?? begin(await chooseModel(), 'auto');
      if (onProgress) current.onProgress.add(onProgress);
      try {
        return await unlessAborted(current.done, signal);
      } finally {
        if (onProgress) current.onProgress.delete(onProgress);
      }
    },
    async load(id, device) {
      if (!(await library.has(id)))
        throw new AppError('not_found', 'This model is not on this machine any more. Choose another one.');
      if (!loading && loaded?.id === id && loaded.device === device) return loaded.model;
      if (loading?.id === id && loading.device === device) return loading.done;
      return begin(id, device).done;
    },
    async unload() {
      await loading?.done.catch(() => {});
      for await (const _ of engine.unloadModel({}));
      loaded = null;
      become({ state: 'unloaded' });
    },
    forget() {
      service.onGone();
      if (!loaded) return;
      loaded = null;
      if (!loading) become({ state: 'unloaded' });
    },
  };
}

/** Loading can't be stopped halfway, but nobody has to wait for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(null);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
