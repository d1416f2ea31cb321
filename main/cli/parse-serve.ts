/** What `serve` takes. */
import { type DeviceNames, gpuNames, readDeviceNames } from '../../native-models/process/engine-client.ts';
import { readOptions, readPort, refuse } from './read-options.ts';

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

const options = {
  'server-port': { type: 'string', default: '23333' },
  'allow-origin': { type: 'string', multiple: true, default: [] as string[] },
  devices: { type: 'string' },
  tp: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * @returns null where only help was asked for
 * @throws AppError `invalid_request` with a sentence that names the argument, `device_unavailable`
 */
export function parseServe(argv: readonly string[]): ServeCommand | null {
  const { values, positionals } = readOptions(argv, options);
  if (values.help) return null;
  if (positionals.length > 0) throw refuse(`serve takes options only, not "${positionals[0]}".`);
  const port = readPort('server-port', values['server-port']);
  return { port, allowedOrigins: values['allow-origin'], devices: readPlace(values) };
}

function readPlace({ devices, tp }: { devices?: string; tp?: string }): DeviceNames {
  if (devices !== undefined && tp !== undefined) throw refuse('Give --devices or --tp, not both.');
  return tp === undefined ? readDeviceNames(devices ?? 'auto') : gpuNames(Number(tp));
}
