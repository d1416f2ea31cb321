/** The service as a real child of the product's own host, beside real or scripted processes, with a shell that only notes. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { startAppHost } from '../../main/hosts/app-host.ts';
import { assetsFolder, childFiles } from '../../main/hosts/source-files.ts';
import { type HostClient, hostContract, type ShellHandlers } from '../../main/service/host-contract.ts';
import { connectClient } from '../../main/supervisor/connect-client.ts';
import { spawnNodeChild } from '../../main/supervisor/spawn-node-child.ts';
import type { DeviceNames } from '../../native-models/process/engine-client.ts';
import type { Frame } from '../../native-models/process/frames.ts';
import type { Client, Contract } from '../../preload/contract/define.ts';
import { type AppClient, contract } from '../../preload/contract/index.ts';
import { type UploadId, uploadIdSchema } from '../../preload/contract/uploads.ts';

export const scriptedEngine = fileURLToPath(new URL('scripted-engine-child.ts', import.meta.url));

export interface ServiceUnderTest {
  page: AppClient;
  host: HostClient;
  /** What the service asked of the shell. */
  shellCalls: { name: string; input: unknown }[];
  upload(path: string, name: string, isTemporary?: boolean): Promise<UploadId>;
  /** Another page that asks as if it were the host. */
  pageAskingAsHost(): HostClient;
  /** kill -9. */
  kill(name: 'service' | 'engine' | 'media'): void;
  shutdown(): Promise<void>;
}

export function startService(options: {
  profile: string;
  engineFile?: string;
  mediaFile?: string;
  assets?: string;
  devices?: DeviceNames;
  /** In place of the shell that only notes. */
  shell?: Partial<ShellHandlers>;
}): ServiceUnderTest {
  const shellCalls: ServiceUnderTest['shellCalls'] = [];
  const appHost = startAppHost({
    spawn: spawnNodeChild,
    files: {
      ...childFiles,
      ...(options.engineFile !== undefined && { engine: options.engineFile }),
      ...(options.mediaFile !== undefined && { media: options.mediaFile }),
    },
    profileFolder: options.profile,
    assetsFolder: options.assets ?? assetsFolder,
    version: '1.2.3',
    devices: options.devices ?? 'auto',
    shell: { ...notingShell(shellCalls), ...options.shell },
    onCrash: ({ name, lastWords }) => {
      if (lastWords) console.error(`${name}: ${lastWords}`);
    },
  });

  const attach = <C extends Contract>(asked: C): Client<C> => {
    const listeners: ((frame: Frame) => void)[] = [];
    const { name, post } = appHost.attachPage((frame) => {
      for (const listener of listeners) listener(frame);
    });
    const onFrame = (listener: (frame: Frame) => void) => void listeners.push(listener);
    return connectClient(asked, { name: 'service', post, onFrame, onGone: () => {} }, name);
  };
  return {
    page: attach(contract),
    host: appHost.client,
    shellCalls,
    async upload(path, name, isTemporary = false) {
      const uploadId = uploadIdSchema.parse(randomUUID());
      await appHost.client.registerUpload({ uploadId, path, name, isTemporary });
      return uploadId;
    },
    pageAskingAsHost: () => attach(hostContract),
    kill(name) {
      const pid = appHost.pidOf(name);
      if (pid !== null) process.kill(pid, 'SIGKILL');
    },
    shutdown: appHost.shutdown,
  };
}

function notingShell(calls: ServiceUnderTest['shellCalls']): ShellHandlers {
  const note =
    <T>(name: string, answer: T) =>
    async (input: unknown) => {
      calls.push({ name, input });
      return answer;
    };
  return {
    describeShell: note('describeShell', {
      host: 'headless' as const,
      can: { chooseFolders: false, captureRegion: false, openLinks: false },
    }),
    openExternalLink: note('openExternalLink', {}),
    chooseFolder: note('chooseFolder', { uploadId: null, name: null }),
    captureRegion: note('captureRegion', { uploadId: null }),
    notifyAnswer: note('notifyAnswer', {}),
    setBusy: note('setBusy', {}),
    encryptSecret: note('encryptSecret', { sealed: '' }),
    decryptSecret: note('decryptSecret', { text: '' }),
  };
}
