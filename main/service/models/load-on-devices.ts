/** Loads a model folder where its parts are fastest; where such a device fails at it, on the CPU. */
import {
  type DeviceNames,
  type LoadedModel,
  loadModel,
} from '../../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../../native-models/process/engine-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ChosenDevices } from '../devices.ts';

export interface DeviceAdvice {
  /** What `auto` means. */
  choose(): ChosenDevices;
  /** A device failed at its work: it is left out from now on, and the person is told. */
  onFailed(device: string): Promise<void>;
}

type LoadRequest = Omit<Parameters<typeof loadModel>[1], 'devices' | 'vision'> & { devices: DeviceNames };

/** Devices that were named are taken at their word; only `auto` has a second try. */
export async function loadOnDevices(
  engine: EngineClient,
  { devices, ...request }: LoadRequest,
  advice: DeviceAdvice,
): Promise<LoadedModel | null> {
  if (devices !== 'auto') return loadModel(engine, { ...request, devices });
  const { vision, decoder } = advice.choose();
  try {
    return await loadModel(engine, { ...request, devices: [decoder], vision });
  } catch (error) {
    const failed = decoder === 'cpu' ? vision : decoder;
    if (failed === 'cpu' || !isDeviceFault(error)) throw error;
    await advice.onFailed(failed);
    return loadModel(engine, { ...request, devices: ['cpu'] });
  }
}

/** What a GPU's end looks like: it says so, it has no memory, or its driver took the engine along. */
export function isDeviceFault(error: unknown): boolean {
  return (
    error instanceof AppError && ['device_unavailable', 'out_of_memory', 'child_gone'].includes(error.code)
  );
}
