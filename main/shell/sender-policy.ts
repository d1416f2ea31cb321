/** Whose messages the main process listens to. */
import { appOrigin } from './web-preferences.ts';

/** A frame as Electron describes it; null when it has gone or navigated between sending and our looking. */
export interface SenderFrame {
  url: string;
  parent: unknown;
}

/** Only the top frame of our own page; a frame that is gone can't be judged, so it is refused too. */
export function isTrustedSender(frame: SenderFrame | null | undefined): boolean {
  return frame !== null && frame !== undefined && frame.parent === null && isOwnPage(frame.url);
}

/** Whether an address is a page of the app; parsed, since a prefix test would let `app://internvl.evil` in. */
export function isOwnPage(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  const hasCredentials = url.username !== '' || url.password !== '';
  return `${url.protocol}//${url.host}` === appOrigin && !hasCredentials;
}
