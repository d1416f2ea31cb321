/** The API server's switch, as pages see it. */
import type { apiServerContract } from '../../../preload/contract/api-server.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import type { ApiSwitch } from '../api-switch.ts';

export function apiServerHandlers(api: ApiSwitch): Handlers<typeof apiServerContract> {
  return {
    describeApiServer: () => api.describe(),
    turnApiServerOn: ({ port }) => api.turnOn(port),
    turnApiServerOff: () => api.turnOff(),
    renewApiToken: () => api.renewToken(),
  };
}
