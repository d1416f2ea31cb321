/** One row of the device table: whether a device is here, whether it computes rightly, and how fast. */
import type { Device } from '../inference/device.ts';
import { deviceName } from '../inference/device.ts';
import type { DeviceRow } from '../inference/device-table.ts';
import { checkDevice } from './check-device.ts';
import { measureDevice } from './measure-device.ts';

/**
 * A small tile takes a GPU some milliseconds; an adapter in software took 850, and would take a quarter of an hour for
 * one layer of full width. Such a one is not measured, and so never chosen.
 */
const slowestTileMs = 100;

/** @param tell called between the steps */
export async function probeDevice(device: Device, tell: () => void): Promise<DeviceRow> {
  const row = { device: deviceName(device), speed: {} };
  const check = await checkDevice(device).catch(() => null);
  tell();
  if (!check) return { ...row, outcome: 'unavailable' };
  if (!check.agrees) return { ...row, outcome: 'differs' };
  if (check.tileMs > slowestTileMs) return { ...row, outcome: 'works' };
  return { ...row, outcome: 'works', speed: await measureDevice(device, tell) };
}
