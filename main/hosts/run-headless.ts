/** The app without a window: children, HTTP edge, and an address for the browser, until it is told to stop. */
import { join } from 'node:path';
import { spawnNodeChild } from '../supervisor/spawn-node-child.ts';
import { type AppHost, startAppHost } from './app-host.ts';
import { headlessShell } from './headless-shell.ts';
import { startHttpEdge } from './http.ts';
import { withProfileLock } from './profile-lock.ts';
import { assetsFolder, childFiles, pageFolder, readVersion } from './source-files.ts';

export interface HeadlessOptions {
  profileFolder: string;
  /** 0 takes a free one. */
  port?: number;
  /** Aborted when it shall end. */
  signal: AbortSignal;
  /** Runs once the app stands and before its address is told. */
  beforeServing?: (host: AppHost) => Promise<void>;
  say(line: string): void;
  /** For what a person need not act on. */
  log(line: string): void;
}

/** Resolves when everything has ended in order. @throws AppError `store_busy` for a second instance */
export function runHeadless(options: HeadlessOptions): Promise<void> {
  return withProfileLock(options.profileFolder, () => serve(options));
}

async function serve(options: HeadlessOptions): Promise<void> {
  const { profileFolder, signal } = options;
  const host = startAppHost({
    spawn: spawnNodeChild,
    files: childFiles,
    profileFolder,
    assetsFolder,
    version: readVersion(),
    shell: headlessShell(profileFolder),
    onCrash: ({ name, lastWords }) => options.log(`The ${name} process ended unexpectedly. ${lastWords}`),
  });
  try {
    await options.beforeServing?.(host);
    if (signal.aborted) return;
    const edge = await startHttpEdge({
      powers: { host, uploadFolder: join(profileFolder, 'uploads'), pageFolder },
      ...(options.port !== undefined && { port: options.port }),
      onFault: (error) => options.log(String(error)),
    });
    options.say(`InternVL Desktop runs at ${edge.url}/?token=${edge.token}`);
    options.say('Open this address in a browser on this machine. Ctrl-C ends the app.');
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await edge.close();
  } finally {
    await host.shutdown();
  }
}
