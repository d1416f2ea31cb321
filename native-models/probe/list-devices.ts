/** The devices worth trying on this machine, and the words it is known by. */
import { readdirSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { env } from 'onnxruntime-node';
import { deviceName, type Provider } from '../inference/device.ts';
import { isBuiltIn, platformProviders } from '../inference/execution-providers.ts';

/** Adapters tried where a provider can't be asked how many there are; the first that fails ends the row of its provider. */
const mostAdapters = 8;

/** CPU first: it is what the others are compared with. */
export function listDevices(): { machine: string; devices: string[] } {
  const providers = platformProviders({ platform: platform(), arch: arch() }).filter(isBuiltIn);
  const devices = providers
    .toReversed()
    .flatMap((provider) =>
      Array.from({ length: adaptersOf(provider) }, (_, index) => deviceName({ provider, index })),
    );
  return { machine: describeMachine(devices), devices };
}

function adaptersOf(provider: Provider): number {
  if (provider === 'cuda' || provider === 'tensorrt') return Math.max(1, nvidiaCards());
  return provider === 'directml' ? mostAdapters : 1;
}

/** NVIDIA's driver lists a folder for each card. */
function nvidiaCards(): number {
  try {
    return Math.min(mostAdapters, readdirSync('/proc/driver/nvidia/gpus').length);
  } catch {
    return 0;
  }
}

/** Whatever may change what was measured: another machine, another ONNX Runtime, other libraries or cards. */
function describeMachine(devices: readonly string[]): string {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 1e9);
  const runtime = `ONNX Runtime ${env.versions.node ?? env.versions.common}`;
  const providers = process.env.INTERNVL_PROVIDERS ? listLibraries(process.env.INTERNVL_PROVIDERS) : '';
  return [
    `${platform()} ${arch()}`,
    `${cpus().length} × ${first?.model.trim() ?? 'unknown'}`,
    `${gigabytes} GB`,
    runtime,
    devices.join(' '),
    providers,
  ]
    .filter((part) => part !== '')
    .join(', ')
    .slice(0, 1000);
}

function listLibraries(folder: string): string {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.so'))
      .join(' ');
  } catch {
    return '';
  }
}
