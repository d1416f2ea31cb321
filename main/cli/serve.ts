/** `npm run serve -- [MODEL] [--server-port N]`: the API server alone, without a page, until Ctrl-C. */
import { parseArgs } from 'node:util';
import { AppError, reportError } from '../../preload/contract/errors.ts';
import { startAppHost } from '../hosts/app-host.ts';
import { headlessShell } from '../hosts/headless-shell.ts';
import { listenForStop } from '../hosts/listen-for-stop.ts';
import { withProfileLock } from '../hosts/profile-lock.ts';
import { assetsFolder, childFiles, readVersion } from '../hosts/source-files.ts';
import { spawnNodeChild } from '../supervisor/spawn-node-child.ts';
import { profileFolder } from './app-folders.ts';

const usage = `npm run serve -- [--server-port N] [--allow-origin URL]…

Serves OpenAI's and Anthropic's APIs on this machine (127.0.0.1), at port 23333 unless told otherwise.
The token is read from INTERNVL_API_TOKEN, else one is made and printed. Ctrl-C ends it.`;

interface ServeCommand {
  port: number;
  allowedOrigins: string[];
}

function parseServe(argv: readonly string[]): ServeCommand | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'server-port': { type: 'string', default: '23333' },
      'allow-origin': { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const port = Number(values['server-port']);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new AppError('invalid_request', '--server-port is a number from 0 to 65535.');
  }
  return { port, allowedOrigins: values['allow-origin'] };
}

async function serve({ port, allowedOrigins }: ServeCommand, signal: AbortSignal): Promise<void> {
  const profile = profileFolder(process.env);
  const host = startAppHost({
    spawn: spawnNodeChild,
    files: childFiles,
    profileFolder: profile,
    assetsFolder,
    version: readVersion(),
    shell: headlessShell(profile),
    onCrash: ({ name }) => process.stderr.write(`The ${name} process ended unexpectedly.\n`),
  });
  try {
    const token = process.env.INTERNVL_API_TOKEN ?? null;
    const api = await host.client.startApi({ port, token, allowedOrigins });
    process.stdout.write(`Serving ${api.url}/v1\n`);
    if (token === null) process.stdout.write(`Token: ${api.token}\n`);
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
  } finally {
    await host.shutdown();
  }
}

const stop = listenForStop();
try {
  const command = parseServe(process.argv.slice(2));
  if (command) await withProfileLock(profileFolder(process.env), () => serve(command, stop.signal));
  else process.stdout.write(`${usage}\n`);
} catch (error) {
  const isWrongLine = error instanceof TypeError;
  process.stderr.write(`${isWrongLine ? `${error.message}\n\n${usage}` : reportError(error).message}\n`);
  process.exitCode = 1;
} finally {
  stop.release();
}
