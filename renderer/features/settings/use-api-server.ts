/** The API server's state, and the three things that can be done to it. */
import { useCallback, useEffect, useState } from 'react';
import type { ApiServerState } from '../../../preload/contract/api-server.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';
import { showFailure } from '../../ui/show-failure.ts';

export interface ApiServerControl {
  /** Null until it is known. */
  server: ApiServerState | null;
  /** Something is being done to it. */
  isBusy: boolean;
  turnOn(port: number): void;
  turnOff(): void;
  renewToken(): void;
}

export function useApiServer(): ApiServerControl {
  const [server, setServer] = useState<ApiServerState | null>(null);
  const [isBusy, setBusy] = useState(false);
  const look = useCallback(() => void api.describeApiServer({}).then(setServer, showFailure), []);
  useEffect(look, [look]);
  useAppEvent((event) => {
    // With the service's process the server goes, too.
    if (event.type === 'api-server-changed' || event.type === 'process-ended') look();
  });
  const work = (change: Promise<ApiServerState>) => {
    setBusy(true);
    change.then(setServer, showFailure).finally(() => setBusy(false));
  };
  return {
    server,
    isBusy,
    turnOn: (port) => work(api.turnApiServerOn({ port })),
    turnOff: () => work(api.turnApiServerOff({})),
    renewToken: () => work(api.renewApiToken({})),
  };
}
