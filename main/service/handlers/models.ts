/** Models on this machine: list, load, convert, delete. */
import { createMailbox } from '../../../native-models/process/mailbox.ts';
import type { TurnQueue } from '../../../native-models/process/turn-queue.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import type { Model, modelContract } from '../../../preload/contract/models.ts';
import type { EnginePictures } from '../answering/engine-pictures.ts';
import { inTurn } from '../answering/in-turn.ts';
import type { AppEvents } from '../app-events.ts';
import type { LoadedModels } from '../models/loaded-model.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { RememberedSettings } from '../remembered-settings.ts';
import type { Uploads } from '../uploads.ts';

export function modelHandlers(service: {
  library: ModelLibrary;
  models: LoadedModels;
  pictures: EnginePictures;
  settings: RememberedSettings;
  events: AppEvents;
  uploads: Uploads;
  queue: TurnQueue;
}): Handlers<typeof modelContract> {
  const { library, models, pictures, settings, events, uploads, queue } = service;

  /** Between answers: one that has begun must end with the model it began with. */
  const alone = async (work: () => Promise<unknown>, signal: AbortSignal) => {
    const done = await inTurn(queue, async () => ({ result: await work() }), { signal });
    if (!done) throw signal.reason;
  };
  const unload = async () => {
    await models.unload();
    await pictures.dropAll();
  };

  return {
    listModels: async () => ({ models: await library.list() }),
    async loadModel({ id, device }, signal) {
      await alone(() => models.load(id, device), signal);
      settings.remember({ lastModel: id });
      return models.state;
    },
    async unloadModel(_, signal) {
      await alone(unload, signal);
      return {};
    },
    getModelState: async () => models.state,
    async *convertModel({ uploadId, precision }, signal) {
      const checkpoint = uploads.find(uploadId);
      const progress = createMailbox<{ type: 'progress'; done: number; total: number }>();
      const conversion: Promise<Model | null> = library
        .convert(
          { ...checkpoint, precision },
          {
            signal,
            onProgress: ({ done, total }) =>
              progress.put({ type: 'progress', done: Math.round(done), total: Math.round(total) }),
          },
        )
        .finally(progress.close);
      conversion.catch(() => {}); // told below
      yield* progress;
      const model = await conversion;
      if (!model) return;
      await uploads.release(uploadId);
      events.publish({ type: 'models-changed' });
      yield { type: 'converted', model };
    },
    async deleteModel({ id }, signal) {
      await alone(async () => {
        const { state } = models;
        if (state.state === 'ready' && state.modelId === id) await unload();
        await library.remove(id);
      }, signal);
      events.publish({ type: 'models-changed' });
      return {};
    },
  };
}
