/** The device table: measured once for a machine, kept in a small file of the profile, asked by whoever loads a model. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  chooseDevices,
  type DeviceRow,
  type DeviceTable,
  deviceName,
  probeDevices,
} from '../../native-models/process/probe-client.ts';
import { deviceTableSchema, type ProbeClient } from '../../native-models/process/probe-contract.ts';

/** Devices by name, for each part of a model. */
export interface ChosenDevices {
  vision: string;
  decoder: string;
}

export interface DeviceFile {
  /** What was measured on this machine; null before that, or where the file can't be read. */
  table(): DeviceTable | null;
  /** The fastest that agree with the CPU. One that failed since then is not among them. */
  choose(): ChosenDevices;
  /** Leaves a device out until the table is measured again: it failed at work. */
  distrust(device: string): Promise<void>;
  keep(table: DeviceTable): Promise<void>;
}

export async function openDeviceFile(profileFolder: string): Promise<DeviceFile> {
  const path = join(profileFolder, 'devices.json');
  let table = await readTable(path);
  const keep = async (next: DeviceTable) => {
    table = next;
    try {
      await mkdir(profileFolder, { recursive: true, mode: 0o700 });
      await writeFile(`${path}.new`, JSON.stringify(next, null, 1), { mode: 0o600 });
      await rename(`${path}.new`, path);
    } catch {
      // A profile that can't be written to is a state the app is open in; it measures again the next time.
    }
  };
  return {
    table: () => table,
    choose() {
      const { vision, decoder } = chooseDevices(table);
      return { vision: deviceName(vision), decoder: deviceName(decoder) };
    },
    async distrust(device) {
      if (!table) return;
      const outcome = (row: DeviceRow) => (row.device === device ? 'crashed' : row.outcome);
      await keep({ ...table, rows: table.rows.map((row) => ({ ...row, outcome: outcome(row) })) });
    },
    keep,
  };
}

async function readTable(path: string): Promise<DeviceTable | null> {
  try {
    return deviceTableSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** A while after the start, so that the first question has the machine for itself. */
const usualDelayMs = 60_000;

export interface DeviceProbing {
  /** Somebody works: a probe that runs is given up and begun again later. */
  pause(): void;
  stop(): void;
}

/** Measures in the background where this machine was not measured yet. @param isBusy whether answers are being written */
export function probeWhenQuiet(
  service: { file: DeviceFile; probe: ProbeClient; isBusy: () => boolean },
  { delayMs = usualDelayMs } = {},
): DeviceProbing {
  let running: AbortController | null = null;
  const look = async () => {
    if (running || service.isBusy()) return;
    running = new AbortController();
    try {
      const { machine } = await service.probe.listDevices({});
      if (service.file.table()?.machine === machine) return clearInterval(timer);
      const openProbe = () => ({ client: service.probe, close: async () => {} }); // it leaves by itself
      const table = await probeDevices(openProbe, { signal: running.signal });
      if (!table) return;
      await service.file.keep(table);
      clearInterval(timer);
    } catch {
      clearInterval(timer); // there is the CPU
    } finally {
      running = null;
    }
  };
  const timer = setInterval(() => void look(), delayMs);
  timer.unref();
  return {
    pause: () => running?.abort(),
    stop() {
      clearInterval(timer);
      running?.abort();
    },
  };
}
