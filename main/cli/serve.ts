/** `npm run serve -- [--server-port N] [--devices LIST]`: the API server alone, without a page, until Ctrl-C. */
import { reportError } from '../../preload/contract/errors.ts';
import { startAppHost } from '../hosts/app-host.ts';
import { headlessShell } from '../hosts/headless-shell.ts';
import { listenForStop } from '../hosts/listen-for-stop.ts';
import { withProfileLock } from '../hosts/profile-lock.ts';
import { assetsFolder, childFiles, readVersion } from '../hosts/source-files.ts';
import { spawnNodeChild } from '../supervisor/spawn-node-child.ts';
import { profileFolder } from './app-folders.ts';
import { parseServe, type ServeCommand, serveUsage } from './parse-serve.ts';

async function serve({ port, allowedOrigins, devices }: ServeCommand, signal: AbortSignal): Promise<void> {
  const profile = profileFolder(process.env);
  const host = startAppHost({
    spawn: spawnNodeChild,
    files: childFiles,
    profileFolder: profile,
    assetsFolder,
    version: readVersion(),
    devices,
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
  else process.stdout.write(`${serveUsage}\n`);
} catch (error) {
  process.stderr.write(`${reportError(error).message}\n`);
  process.exitCode = 1;
} finally {
  stop.release();
}
