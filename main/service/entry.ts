/**
 * The service process: conversations, models and answers, for pages and for the host. `INTERNVL_HOME` is the profile
 * folder; `INTERNVL_ASSETS` and `INTERNVL_VERSION` are given where the app does not run from its source folder,
 * `INTERNVL_DEVICES` where it was started with `--devices` or `--tp`.
 */
import { fileURLToPath } from 'node:url';
import { childPort } from '../../native-models/process/child-port.ts';
import { readDeviceNames } from '../../native-models/process/engine-client.ts';
import { serveBorders } from './serve-borders.ts';

const { INTERNVL_HOME, INTERNVL_ASSETS, INTERNVL_VERSION, INTERNVL_DEVICES = 'auto' } = process.env;
if (!INTERNVL_HOME) throw new Error('INTERNVL_HOME names no profile folder.');

serveBorders(childPort(), {
  profileFolder: INTERNVL_HOME,
  assetsFolder: INTERNVL_ASSETS ?? fileURLToPath(new URL('../../assets', import.meta.url)),
  version: INTERNVL_VERSION ?? '0.0.0',
  devices: readDeviceNames(INTERNVL_DEVICES),
});
