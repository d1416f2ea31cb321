/** The asker's side of the probe process, and what its table says. */
import { AppError } from '../../preload/contract/errors.ts';
import { parseDevice } from '../inference/device.ts';
import type { DeviceRow, DeviceTable } from '../inference/device-table.ts';
import type { ProbeClient } from './probe-contract.ts';

export { deviceName } from '../inference/device.ts';
export {
  chooseDevices,
  type DeviceChoice,
  type DeviceRow,
  type DeviceSpeed,
  type DeviceTable,
  measuredConfig,
} from '../inference/device-table.ts';
export {
  type ExpectedSeconds,
  expectedSeconds,
  type ModelShape,
  shapeOf,
  type TurnSize,
} from '../inference/expected-time.ts';

/**
 * Tries every device of this machine, each in a process of its own: one that crashes or hangs costs its row and no more.
 * @param openProbe starts a probe process, or reaches one that is started when it is asked; `close` ends it
 * @returns null after an abort. @throws AppError where not even the list can be had
 */
export async function probeDevices(
  openProbe: () => { client: ProbeClient; close(): Promise<void> },
  options: { signal?: AbortSignal; onRow?: (row: DeviceRow) => void } = {},
): Promise<DeviceTable | null> {
  const listing = openProbe();
  const { machine, devices } = await listing.client.listDevices({}).finally(listing.close);
  const rows: DeviceRow[] = [];
  const missing = new Set<string>();
  for (const device of devices) {
    const { provider, index } = parseDevice(device);
    if (index > 0 && missing.has(provider)) continue; // adapters are numbered without gaps
    const probe = openProbe();
    const row = await probeOne(probe.client, device, options.signal).finally(probe.close);
    if (!row || options.signal?.aborted) return null;
    if (row.outcome === 'unavailable') missing.add(provider);
    if (row.outcome === 'unavailable' && index > 0) continue;
    rows.push(row);
    options.onRow?.(row);
  }
  return { machine, measuredAt: Date.now(), rows };
}

async function probeOne(
  client: ProbeClient,
  device: string,
  signal?: AbortSignal,
): Promise<DeviceRow | null> {
  try {
    for await (const event of client.probeDevice({ device }, signal)) {
      if (event.type === 'done') return event.row;
    }
    return null;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'child_gone') throw error;
    const hung = error.message.includes('stopped answering');
    return { device, outcome: hung ? 'hung' : 'crashed', speed: {} };
  }
}
