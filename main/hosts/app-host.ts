/** What every host is made of: the supervised children, the relay, and the host's own place in it. */

import { join } from 'node:path';
import type { DeviceNames } from '../../native-models/process/engine-client.ts';
import type { Frame } from '../../native-models/process/frames.ts';
import { serveContract } from '../../native-models/process/serve-contract.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type { AppEvent } from '../../preload/contract/system.ts';
import {
  type HostClient,
  hostContract,
  type ShellHandlers,
  shellContract,
} from '../service/host-contract.ts';
import {
  type AppChildren,
  type ChildFiles,
  type ChildName,
  startAppChildren,
} from '../supervisor/app-children.ts';
import { connectClient } from '../supervisor/connect-client.ts';
import type { RelayLine } from '../supervisor/relay.ts';
import type { ChildExit, Spawn } from '../supervisor/spawned-child.ts';
import { splitHostFrames } from './split-host-frames.ts';

export interface AppHostOptions {
  spawn: Spawn;
  files: ChildFiles;
  profileFolder: string;
  assetsFolder: string;
  version: string;
  /** What models are loaded on; default `auto`. */
  devices?: DeviceNames;
  shell: ShellHandlers;
  /** Told of each death of a child, for a log. */
  onCrash?: (note: ChildExit & { name: ChildName }) => void;
  /** How long media and convert stay when idle; default a minute. */
  idleMs?: number;
}

/** A page's line: frames as the page writes them, without names. */
export type PageLine = RelayLine;

export interface AppHost {
  /** The service, as the host may ask it. */
  client: HostClient;
  /** Lets a page in under a name of its own; the host gives names, so no page can take another's. */
  attachPage(deliver: (frame: Frame) => void): PageLine & { name: string };
  /** Tells all pages. */
  announce(event: AppEvent): void;
  pidOf(name: ChildName): number | null;
  shutdown(): Promise<void>;
}

const pingMs = 5000;

export function startAppHost(options: AppHostOptions): AppHost {
  let lastPage = 0;
  const children = startAppChildren({
    spawn: options.spawn,
    files: options.files,
    env: {
      INTERNVL_HOME: options.profileFolder,
      INTERNVL_PROVIDERS: join(options.profileFolder, 'providers'),
      INTERNVL_ASSETS: options.assetsFolder,
      INTERNVL_VERSION: options.version,
      INTERNVL_DEVICES: String(options.devices ?? 'auto'),
    },
    onCrash(note) {
      options.onCrash?.(note);
      // A probe finds out which drivers crash, and a critic's end is told where it should have chosen.
      if (note.name === 'probe' || note.name === 'critic') return;
      announce({ type: 'process-ended', name: note.name, restarting: note.restarting });
    },
    ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
  });
  const client = takeHostPlace(children, options.shell);
  const ping = setInterval(() => void client.describeProcess({}).catch(() => {}), pingMs);
  ping.unref();

  function announce(event: AppEvent): void {
    void client.announce({ event }).catch(() => {}); // a service that is down has no pages to tell
  }

  return {
    client,
    attachPage(deliver) {
      lastPage += 1;
      const name = `page-${lastPage}`;
      return { name, ...children.relay.attach(name, deliver) };
    },
    announce,
    pidOf: children.pidOf,
    async shutdown() {
      clearInterval(ping);
      await children.shutdown();
    },
  };
}

/** The host asks the service and answers it over one line of the relay. */
function takeHostPlace({ relay }: AppChildren, shell: ShellHandlers): HostClient {
  const sides = splitHostFrames();
  const line = relay.attach('host', sides.receive);
  serveContract(shellContract, shell, { post: line.post, onFrame: sides.onRequest });
  return connectClient(
    hostContract,
    {
      name: 'service',
      post: line.post,
      onFrame: sides.onAnswer,
      onGone: () => {}, // the relay ends each request by an error frame
    },
    'host',
  );
}

/** For pages that are gone. */
export const pageGone = () => new AppError('child_gone', 'The page was closed.');
