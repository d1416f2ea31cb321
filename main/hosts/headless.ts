/** `node main/hosts/headless.ts [--port N]`: serves the app to a browser on this machine. */
import { parseArgs } from 'node:util';
import { reportError } from '../../preload/contract/errors.ts';
import { profileFolder } from '../cli/app-folders.ts';
import { listenForStop } from './listen-for-stop.ts';
import { runHeadless } from './run-headless.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const stop = listenForStop();
try {
  await runHeadless({
    profileFolder: profileFolder(process.env),
    port: Number(values.port),
    signal: stop.signal,
    say: (line) => process.stdout.write(`${line}\n`),
    log: (line) => process.stderr.write(`${line}\n`),
  });
} catch (error) {
  process.stderr.write(`${reportError(error).message}\n`);
  process.exitCode = 1;
} finally {
  stop.release();
}
