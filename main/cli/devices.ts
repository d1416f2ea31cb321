/** `devices`: what can compute on this machine, whether it computes rightly, and how fast. */
import {
  chooseDevices,
  type DeviceRow,
  type DeviceTable,
  deviceName,
  probeDevices,
} from '../../native-models/process/probe-client.ts';
import { openDeviceFile } from '../service/devices.ts';
import { profileFolder } from './app-folders.ts';
import type { RunContext } from './run-context.ts';

export interface DevicesCommand {
  kind: 'devices';
  /** Measure again, whatever was measured before. */
  again: boolean;
  json: boolean;
}

export const devicesUsage = `  devices [--again] [--json]  what can compute here, and how fast: measured once, kept for the app too
`;

const sentences: Record<DeviceRow['outcome'], string> = {
  works: 'works',
  differs: 'computes something else than the CPU: not used',
  unavailable: 'not here',
  crashed: 'crashed',
  hung: 'never answered',
};

/** @returns the exit code */
export async function devices(command: DevicesCommand, run: RunContext): Promise<number> {
  const file = await openDeviceFile(profileFolder(process.env));
  const known = command.again ? null : await tableOfThisMachine(file.table(), run);
  const table = known ?? (await measure(run));
  if (!table) return 130;
  if (table !== known) await file.keep(table);
  run.terminal.clearStatus();
  run.terminal.say(command.json ? `${JSON.stringify(table)}\n` : describeTable(table));
  return 0;
}

async function tableOfThisMachine(table: DeviceTable | null, run: RunContext): Promise<DeviceTable | null> {
  if (!table) return null;
  const probe = run.children.probe();
  const { machine } = await probe.client.listDevices({}).finally(probe.shutdown);
  return table.machine === machine ? table : null;
}

async function measure(run: RunContext): Promise<DeviceTable | null> {
  run.terminal.showStatus('Measuring the devices of this machine…');
  const openProbe = () => {
    const { client, shutdown } = run.children.probe();
    return { client, close: shutdown };
  };
  return probeDevices(openProbe, {
    signal: run.signal,
    onRow: ({ device, outcome }) => run.terminal.showStatus(`${device}: ${sentences[outcome]}`),
  });
}

/** Lines for a person: one a device, and what `auto` makes of them. */
function describeTable(table: DeviceTable): string {
  const rows = table.rows.map(({ device, outcome, speed }) => {
    const figures = [
      speed.visionMsPerTile !== undefined && `${Math.round(speed.visionMsPerTile)} ms a tile`,
      speed.prefillTokensPerSecond !== undefined &&
        `reads ${Math.round(speed.prefillTokensPerSecond)} tokens/s`,
      speed.decodeTokensPerSecond !== undefined &&
        `writes ${speed.decodeTokensPerSecond.toFixed(1)} tokens/s`,
    ].filter((part) => part !== false);
    const slow = outcome === 'works' && figures.length === 0 ? ['too slow to be of use'] : figures;
    return `  ${device.padEnd(12)}${[sentences[outcome], ...slow].join(', ')}`;
  });
  const { vision, decoder } = chooseDevices(table);
  return [
    table.machine,
    'At the shapes of InternVL3-1B:',
    ...rows,
    `Chosen by auto: pictures on ${deviceName(vision)}, text on ${deviceName(decoder)}`,
    '',
  ].join('\n');
}
