/** The bridge's other end: frames of our own page, checked and let into the relay, and files it was given. */
import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import type { Frame } from '../../native-models/process/frames.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { isTrustedSender } from '../shell/sender-policy.ts';
import { type AppHost, type PageLine, pageGone } from './app-host.ts';
import { channels } from './page-frame-schema.ts';

export interface IpcEdgeOptions {
  host: AppHost;
  /** Registers a file that lies on the disk. */
  offerFile(path: string): Promise<string>;
}

/** Serves every page that is our own, from now on. */
export function serveIpc({ host, offerFile }: IpcEdgeOptions): void {
  const lines = new Map<WebContents, PageLine>();

  /** A page's line lives until it is closed, reloaded or dead: then its requests are cancelled. */
  function lineOf(contents: WebContents): PageLine {
    const known = lines.get(contents);
    if (known) return known;
    const line = host.attachPage((frame) => sendToPage(contents, frame));
    lines.set(contents, line);
    const leave = () => {
      if (lines.get(contents) === line) lines.delete(contents);
      line.close(pageGone());
    };
    contents.once('destroyed', leave);
    contents.once('render-process-gone', leave);
    contents.once('did-start-navigation', leave);
    return line;
  }

  ipcMain.on('frame', (event, sent: unknown) => {
    const frame = channels.frame.safeParse(sent);
    if (!isFromOwnPage(event) || !frame.success) return;
    lineOf(event.sender).post(addressed(frame.data));
  });

  ipcMain.handle('offer-file', async (event, sent: unknown) => {
    const path = channels['offer-file'].safeParse(sent);
    if (!isFromOwnPage(event) || !path.success)
      throw new AppError('invalid_request', 'This file can’t be taken.');
    return offerFile(path.data);
  });
}

function isFromOwnPage(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return isTrustedSender(event.senderFrame);
}

function addressed(frame: ReturnType<typeof channels.frame.parse>): Frame {
  const address = { to: 'service', from: 'page' };
  return frame.kind === 'cancel'
    ? { ...address, ...frame, payload: null }
    : ({ ...address, ...frame } as Frame);
}

function sendToPage(contents: WebContents, { to: _, from: __, ...frame }: Frame): void {
  if (!contents.isDestroyed()) contents.send('frame', frame);
}
