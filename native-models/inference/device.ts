/** Which execution provider computes, and on which of its adapters: written `cpu`, `webgpu` or `cuda:1`. */
import { AppError } from '../../preload/contract/errors.ts';

/** The execution providers that can be asked for; which of them exist here, a machine's platform decides. */
export const providers = ['cpu', 'webgpu', 'directml', 'coreml', 'cuda', 'tensorrt'] as const;

export type Provider = (typeof providers)[number];

export interface Device {
  provider: Provider;
  /** Adapter of the provider, from 0; CUDA, TensorRT and DirectML know several. */
  index: number;
}

/** Everything runs here, and everything else is checked against it. */
export const cpuDevice: Device = { provider: 'cpu', index: 0 };

/** `deviceId` chooses an adapter for these; WebGPU and CoreML choose their own. */
const indexedProviders: readonly Provider[] = ['directml', 'cuda', 'tensorrt'];

/** Reads `cpu`, `webgpu`, `cuda:1`. @throws AppError `invalid_request` */
export function parseDevice(text: string): Device {
  const [, name, digits] = /^([a-z]+)(?::(\d{1,2}))?$/.exec(text) ?? [];
  const provider = providers.find((each) => each === name);
  const index = Number(digits ?? 0);
  if (!provider || (digits !== undefined && index > 0 && !indexedProviders.includes(provider))) {
    throw new AppError(
      'invalid_request',
      `There is no such device. Known are: ${providers.join(', ')}; of several GPUs, cuda:1 is the second.`,
    );
  }
  return { provider, index };
}

/** The shortest text that `parseDevice` reads back. */
export function deviceName({ provider, index }: Device): string {
  return index === 0 ? provider : `${provider}:${index}`;
}

/** Most devices a model is split over: as many GPUs as one machine holds. */
const mostDevices = 8;

/** Where a model runs: `auto` is left to this machine's figures; of several, the first holds the vision encoder. */
export type Devices = 'auto' | readonly Device[];

/** Reads `auto`, a device, or several with commas between, as `cuda:0,cuda:1`. @throws AppError `invalid_request` */
export function parseDevices(text: string): Devices {
  if (text === 'auto') return text;
  const names = text.split(',');
  if (names.length > mostDevices) {
    throw new AppError('invalid_request', `A model is split over ${mostDevices} devices at most.`);
  }
  return names.map(parseDevice);
}

/**
 * LMDeploy's `tp` in devices: this many GPUs from the first, of the provider that knows several here. 1 is `auto`.
 * @throws AppError `invalid_request` for a count that makes no sense, `device_unavailable` where there is one GPU only
 */
export function gpusFor(count: number, platform: NodeJS.Platform = process.platform): Devices {
  if (!Number.isInteger(count) || count < 1 || count > mostDevices) {
    throw new AppError('invalid_request', `tp is a whole number of GPUs from 1 to ${mostDevices}.`);
  }
  if (count === 1) return 'auto';
  if (platform === 'darwin') {
    throw new AppError('device_unavailable', 'A Mac has one GPU. Leave tp out, or set it to 1.');
  }
  const provider = platform === 'win32' ? 'directml' : 'cuda';
  return Array.from({ length: count }, (_, index) => ({ provider, index }));
}

export function sameDevice(a: Device, b: Device): boolean {
  return a.provider === b.provider && a.index === b.index;
}
