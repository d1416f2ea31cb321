/** What the probe process does for each request. */
import type { Handlers } from '../../preload/contract/define.ts';
import { parseDevice } from '../inference/device.ts';
import { listDevices } from '../probe/list-devices.ts';
import { probeDevice } from '../probe/probe-device.ts';
import { createMailbox } from './mailbox.ts';
import type { ProbeContract } from './probe-contract.ts';
import { processHandlers } from './process-contract.ts';

export const probeHandlers: Handlers<ProbeContract> = {
  ...processHandlers,
  listDevices: async () => listDevices(),
  async *probeDevice({ device }, signal) {
    const steps = createMailbox<{ type: 'step' }>();
    const work = probeDevice(parseDevice(device), () => {
      signal.throwIfAborted();
      steps.put({ type: 'step' });
    });
    work.then(steps.close, steps.close);
    yield* steps;
    const row = await work.catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (row) yield { type: 'done', row };
  },
};
