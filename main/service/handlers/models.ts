/** Models on this machine: list, load, check, delete. */
import type { LoadedModel } from '../../../native-models/process/engine-client.ts';
import { createMailbox } from '../../../native-models/process/mailbox.ts';
import type { TurnQueue } from '../../../native-models/process/turn-queue.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import type { MeasuredSpeed, modelContract } from '../../../preload/contract/models.ts';
import { inTurn } from '../answering/in-turn.ts';
import type { AppEvents } from '../app-events.ts';
import type { LoadedModels } from '../models/loaded-model.ts';
import type { MeasuredSpeeds } from '../models/measured-speeds.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { RememberedSettings } from '../remembered-settings.ts';
import type { modelJobHandlers } from './model-jobs.ts';
import type { remoteModelHandlers } from './remote-models.ts';

export function modelHandlers(service: {
  library: ModelLibrary;
  models: LoadedModels;
  settings: RememberedSettings;
  events: AppEvents;
  unload: () => Promise<void>;
  queue: TurnQueue;
  /** Those that bring models here, by `modelJobHandlers`. */
  getting: ReturnType<typeof modelJobHandlers>;
  speeds: MeasuredSpeeds;
  /** `measureModel` with the processes that it needs. */
  measure: (
    model: LoadedModel,
    how: { signal: AbortSignal; onProgress: (share: number) => void },
  ) => Promise<MeasuredSpeed | null>;
  /** Those of models on other machines. */
  servers: ReturnType<typeof remoteModelHandlers>;
}): Handlers<typeof modelContract> {
  const { library, models, settings, events, unload, queue, getting, servers, speeds, measure } = service;

  /** Between answers: one that has begun must end with the model it began with. */
  const alone = async (work: () => Promise<unknown>, signal: AbortSignal) => {
    const done = await inTurn(queue, async () => ({ result: await work() }), { signal });
    if (!done) throw signal.reason;
  };

  return {
    ...getting,
    ...servers,
    async listModels() {
      const withSpeed = (await library.list()).map(async (model) => {
        const measured = await speeds.get(model.id);
        return { ...model, ...(measured && { measured }) };
      });
      return { models: await Promise.all(withSpeed), broken: await library.listBroken() };
    },
    async loadModel({ id, devices }, signal) {
      await alone(() => models.load(id, devices), signal);
      settings.remember({ lastModel: id });
      return models.state;
    },
    async unloadModel(_, signal) {
      await alone(unload, signal);
      return {};
    },
    getModelState: async () => models.state,
    async *checkModelFiles({ id }, signal) {
      const progress = createMailbox<{ type: 'progress'; done: number; total: number }>();
      let lastShare = -1;
      const check = library
        .findDamaged(id, {
          signal,
          onProgress(done, total) {
            const share = Math.floor((100 * done) / Math.max(total, 1));
            if (share !== lastShare) progress.put({ type: 'progress', done, total });
            lastShare = share;
          },
        })
        .finally(progress.close);
      check.catch(() => {}); // told below
      yield* progress;
      const damaged = await check.catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (damaged) yield { type: 'checked', damaged };
    },
    async *measureModel({ id }, signal) {
      const progress = createMailbox<{ type: 'progress'; share: number }>();
      const onProgress = (share: number) => progress.put({ type: 'progress', share });
      const measured: { speed: MeasuredSpeed | null } = { speed: null };
      const work = alone(async () => {
        measured.speed = await measure(await models.load(id, 'auto'), { signal, onProgress });
      }, signal).finally(progress.close);
      work.catch(() => {}); // told below
      yield* progress;
      await work.catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      const { speed } = measured;
      if (!speed || signal.aborted) return;
      await speeds.keep(id, speed);
      events.publish({ type: 'models-changed' });
      yield { type: 'measured', speed };
    },
    async deleteModel({ id }, signal) {
      await alone(async () => {
        const { state } = models;
        // A question being prepared loads its model outside the queue; unloading waits for that.
        const isHeld = state.state === 'ready' || state.state === 'loading';
        if (isHeld && state.modelId === id) await unload();
        await library.remove(id);
      }, signal);
      events.publish({ type: 'models-changed' });
      return {};
    },
  };
}
