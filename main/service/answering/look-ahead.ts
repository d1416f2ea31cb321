/** Looks at the pictures of a question while it is still being written; whoever asks something first is answered first. */
import type { EngineClient, PictureId } from '../../../native-models/process/engine-contract.ts';
import type { TurnQueue } from '../../../native-models/process/turn-queue.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { generationContract } from '../../../preload/contract/generation.ts';
import { documentKindOf } from '../attachments/document-kind.ts';
import type { LoadedModels } from '../models/loaded-model.ts';
import type { Store } from '../store/open-store.ts';
import type { Stores } from '../stores.ts';
import type { EnginePictures } from './engine-pictures.ts';
import { inTurn } from './in-turn.ts';
import { contentOf } from './message-content.ts';

export type LookAhead = Handlers<typeof generationContract>['lookAhead'];

export function aheadLooker(service: {
  engine: EngineClient;
  models: LoadedModels;
  pictures: EnginePictures;
  stores: Stores;
  queue: TurnQueue;
}): LookAhead {
  const { engine, models, pictures, stores, queue } = service;

  /** The pictures, in the engine; null when left. The model is made ready as for an estimate. */
  async function open({ conversationId, parts }: Parameters<LookAhead>[0], signal: AbortSignal) {
    const canLoad = models.state.state !== 'failed';
    const model = (models.loaded ?? (canLoad ? await models.ensure({ signal }) : null))?.description;
    if (!model || model.remote) return null;
    const usual: Store = conversationId === null ? stores.kept() : stores.ofConversation(conversationId);
    const ids = new Set<PictureId>();
    for (const part of parts) {
      const store = stores.ofPart(usual, part); // a file in memory stays there
      const { pictures: wanted } = contentOf([part], (id) => documentKindOf(store, id));
      if (wanted.length === 0) continue;
      const from = { store, model, signal, onOpened: () => {} };
      const lent = await inTurn(queue, () => pictures.lend(wanted, from), { signal });
      if (!lent) return null;
      for (const { id } of lent) ids.add(id);
    }
    return ids;
  }

  return async function* lookAhead(question, signal) {
    try {
      const ids = await open(question, signal);
      if (!ids || ids.size === 0 || signal.aborted) return;
      const pictureIds = [...ids];
      for await (const { done, total } of engine.lookAhead({ pictureIds }, signal)) yield { done, total };
    } catch (error) {
      if (!(error instanceof AppError)) throw error; // what is wrong with a file is told where it is asked about
    }
  };
}
