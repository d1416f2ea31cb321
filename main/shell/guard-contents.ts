/** Keeps every page where it is: no navigation, no windows of its own, no embedded pages, no permissions. */
import { app, type Session } from 'electron';
import { isOwnPage } from './sender-policy.ts';

/** Whatever contents ever come into being, ours or by mistake. A blocked address is offered to `onLink`. */
export function guardAllContents(onLink: (address: string) => void): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event, address) => {
      if (isOwnPage(address)) return;
      event.preventDefault();
      onLink(address);
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      onLink(url);
      return { action: 'deny' };
    });
  });
}

/** All but one, asked for or only looked up. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(isGranted(permission)));
  session.setPermissionCheckHandler((_contents, permission) => isGranted(permission));
  session.setDevicePermissionHandler(() => false);
}

/** Writing to the clipboard follows a person's click and reads nothing; Chromium asks about it all the same. */
function isGranted(permission: string): boolean {
  return permission === 'clipboard-sanitized-write';
}
