/** A probe process whose devices do what their names are said to do: some of them take it along. */
import { probeContract } from '../../native-models/process/probe-contract.ts';
import { processHandlers } from '../../native-models/process/process-contract.ts';
import { serveChild } from '../../native-models/process/serve-child.ts';

serveChild(probeContract, {
  ...processHandlers,
  listDevices: async () => ({
    machine: 'scripted',
    devices: ['cpu', 'webgpu', 'cuda', 'cuda:1', 'tensorrt', 'directml', 'directml:1'],
  }),
  async *probeDevice({ device }) {
    yield { type: 'step' };
    if (device === 'webgpu') process.kill(process.pid, 'SIGKILL');
    if (device === 'cuda:1') process.abort();
    if (device === 'tensorrt') for (;;);
    const outcome = device === 'directml' ? 'unavailable' : 'works';
    const speed = outcome === 'works' ? { visionMsPerTile: process.pid } : {};
    yield { type: 'done', row: { device, outcome, speed } };
  },
});
