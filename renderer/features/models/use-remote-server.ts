/** Trying a server before it is added, and the switch that keeps the app offline. */
import { useEffect, useRef, useState } from 'react';
import type { ModelId } from '../../../preload/contract/ids.ts';
import type { DescribedServer } from '../../../preload/contract/remote-models.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';

interface Address {
  url: string;
  key: string | null;
}

export type ServerTrial =
  | { step: 'idle' }
  | { step: 'asking' }
  | { step: 'found'; server: DescribedServer; asked: Address }
  | { step: 'failed'; error: unknown };

export function useServerTrial() {
  const [trial, setTrial] = useState<ServerTrial>({ step: 'idle' });
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const ask = async (asked: Address) => {
    leaving.current?.abort();
    leaving.current = new AbortController();
    const { signal } = leaving.current;
    setTrial({ step: 'asking' });
    try {
      const server = await api.tryServer(asked, signal);
      if (!signal.aborted) setTrial({ step: 'found', server, asked });
    } catch (error) {
      if (!signal.aborted) setTrial({ step: 'failed', error });
    }
  };
  return {
    trial,
    ask: (asked: Address) => void ask(asked),
    /** Null where it failed, which is shown. */
    async add(model: string): Promise<ModelId | null> {
      if (trial.step !== 'found') return null;
      try {
        const { id } = await api.addRemoteModel({ ...trial.asked, model });
        setTrial({ step: 'idle' });
        return id;
      } catch (error) {
        setTrial({ step: 'failed', error });
        return null;
      }
    },
    dismiss: () => setTrial({ step: 'idle' }),
  };
}

export function useOfflineSwitch() {
  const [isOffline, setOffline] = useState(false);
  useEffect(() => {
    api.getModelSettings({}).then(({ offline }) => setOffline(offline), showFailure);
  }, []);
  return {
    isOffline,
    setOffline: (offline: boolean) =>
      void api
        .updateModelSettings({ patch: { offline } })
        .then((settings) => setOffline(settings.offline), showFailure),
  };
}
