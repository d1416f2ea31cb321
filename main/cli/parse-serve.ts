/** What `serve` takes. */
import { parseArgs } from 'node:util';
import { type DeviceNames, gpuNames, readDeviceNames } from '../../native-models/process/engine-client.ts';
import { AppError } from '../../preload/contract/errors.ts';

export const serveUsage = `npm run serve -- [--server-port N] [--allow-origin URL]… [--devices LIST | --tp N]

Serves OpenAI's and Anthropic's APIs on this machine (127.0.0.1), at port 23333 unless told otherwise.
The token is read from INTERNVL_API_TOKEN, else one is made and printed. Ctrl-C ends it.
  --devices LIST   where models run: cpu, webgpu, or several with commas (cuda:0,cuda:1): a model's layers are split
                   over them as the model card does, the vision encoder on the first
  --tp N           the first N GPUs, as LMDeploy counts them; here too the layers are split`;

export interface ServeCommand {
  port: number;
  allowedOrigins: string[];
  devices: DeviceNames;
}

/**
 * @returns null where only help was asked for
 * @throws AppError `invalid_request` with a sentence that names the argument, `device_unavailable`; TypeError for an
 *   unknown option
 */
export function parseServe(argv: readonly string[]): ServeCommand | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'server-port': { type: 'string', default: '23333' },
      'allow-origin': { type: 'string', multiple: true, default: [] },
      devices: { type: 'string' },
      tp: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const port = Number(values['server-port']);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new AppError('invalid_request', '--server-port is a number from 0 to 65535.');
  }
  return { port, allowedOrigins: values['allow-origin'], devices: readPlace(values) };
}

function readPlace({ devices, tp }: { devices?: string; tp?: string }): DeviceNames {
  if (devices !== undefined && tp !== undefined) {
    throw new AppError('invalid_request', 'Give --devices or --tp, not both.');
  }
  return tp === undefined ? readDeviceNames(devices ?? 'auto') : gpuNames(Number(tp));
}
