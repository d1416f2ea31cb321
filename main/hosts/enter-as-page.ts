/** The host itself as a page: typed access to the app's contract, for the terminal's sample and the shell's tray. */

import type { Frame } from '../../native-models/process/frames.ts';
import { type AppClient, contract } from '../../preload/contract/index.ts';
import { connectClient } from '../supervisor/connect-client.ts';
import { type AppHost, pageGone } from './app-host.ts';

export function enterAsPage(host: Pick<AppHost, 'attachPage'>): { client: AppClient; leave: () => void } {
  const listeners: ((frame: Frame) => void)[] = [];
  const line = host.attachPage((frame) => {
    for (const listener of listeners) listener(frame);
  });
  const endpoint = {
    name: 'service',
    post: line.post,
    onFrame: (listener: (frame: Frame) => void) => void listeners.push(listener),
    onGone: () => {}, // the relay ends each request by an error frame
  };
  return { client: connectClient(contract, endpoint, line.name), leave: () => line.close(pageGone()) };
}
