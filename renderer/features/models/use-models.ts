/** The models on this machine and what the engine holds, kept true by events. */
import { useCallback, useEffect, useState } from 'react';
import type { BrokenModel, Model, ModelState } from '../../../preload/contract/models.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';
import { failureSentence, showFailure } from '../../ui/show-failure.ts';

export interface Models {
  /** Null until they are known. */
  models: readonly Model[] | null;
  /** Folders that were models. */
  broken: readonly BrokenModel[];
  /** Why they can't be listed. */
  failure: string | null;
  state: ModelState;
  load(model: Pick<Model, 'id'>): void;
  unload(): void;
  remove(model: Pick<Model, 'id'>): void;
}

export function useModels(): Models {
  const [models, setModels] = useState<readonly Model[] | null>(null);
  const [broken, setBroken] = useState<readonly BrokenModel[]>([]);
  const [failure, setFailure] = useState<string | null>(null);
  const [state, setState] = useState<ModelState>({ state: 'unloaded' });
  const list = useCallback(async () => {
    try {
      const { models, broken } = await api.listModels({});
      setModels(models);
      setBroken(broken);
      setFailure(null);
    } catch (error) {
      setFailure(failureSentence(error));
    }
  }, []);
  useEffect(() => {
    void list();
    // The stream of events begins with the state too, but only for its first listener.
    api.getModelState({}).then(setState, () => {});
  }, [list]);
  useAppEvent((event) => {
    if (event.type === 'models-changed') void list();
    if (event.type === 'model-state') setState(event.model);
  });
  return {
    models,
    broken,
    failure,
    state,
    // A failed load shows as a state, where the model stands.
    load: (model) => void api.loadModel({ id: model.id }).then(setState, showFailure),
    unload: () => void api.unloadModel({}).catch(showFailure),
    remove: (model) => void api.deleteModel({ id: model.id }).then(list, showFailure),
  };
}
