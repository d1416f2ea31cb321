/** The desktop app's life under Electron: one instance, opened when ready, ended in order. */
import { app, dialog } from 'electron';
import { AppError, reportError } from '../preload/contract/errors.ts';
import { profileFolder } from './cli/app-folders.ts';
import { withProfileLock } from './hosts/profile-lock.ts';
import { type OpenedApp, openApp } from './shell/open-app.ts';
import { isOpenable, type OpenRequest, readOpenRequest } from './shell/open-files.ts';
import { registerScheme } from './shell/scheme.ts';
import { networkSwitches } from './shell/web-preferences.ts';

/** In development the app's folder stands before what a person asked for. */
const ownWords = (argv: readonly string[]) => argv.slice(app.isPackaged ? 1 : 2);

const profile = profileFolder(process.env);
app.setPath('userData', profile);
app.enableSandbox();
registerScheme();
for (const [name, value] of networkSwitches) app.commandLine.appendSwitch(name, value ?? '');
app.setAsDefaultProtocolClient('internvl');

if (app.requestSingleInstanceLock()) void run();
else app.quit(); // the first instance has been told, and shows itself

async function run(): Promise<void> {
  const waiting = listenForOpenRequests();
  await app.whenReady();
  try {
    await withProfileLock(profile, () => live(waiting));
    app.exit(0);
  } catch (error) {
    // Here only a headless host can hold the profile, since Electron's own lock was free.
    dialog.showErrorBox('InternVL Desktop', reportError(error).message);
    app.exit(error instanceof AppError ? 1 : 70);
  }
}

/** Resolves when everything has ended. */
async function live(waiting: OpenRequests): Promise<void> {
  const opened = openApp(profile);
  waiting.deliverTo(opened);
  await new Promise<void>((resolve) => {
    app.on('window-all-closed', () => {
      if (process.platform !== 'darwin') app.quit();
    });
    app.on('activate', () => opened.open({ files: [], links: [] }));
    app.on('before-quit', opened.quit);
    // The windows are closed by now; the children still have to write down how running answers ended.
    app.on('will-quit', (event) => {
      event.preventDefault();
      resolve();
    });
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => app.quit());
  });
  await opened.shutdown();
}

interface OpenRequests {
  deliverTo(opened: OpenedApp): void;
}

/** Requests come before the app stands (macOS sends `open-file` first thing), so they wait here. */
function listenForOpenRequests(): OpenRequests {
  const early: OpenRequest[] = [readOpenRequest(ownWords(process.argv), process.cwd())];
  let deliver = (request: OpenRequest): void => {
    early.push(request);
  };
  app.on('second-instance', (_event, argv, workingFolder) =>
    deliver(readOpenRequest(ownWords(argv), workingFolder)),
  );
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (isOpenable(path)) deliver({ files: [path], links: [] });
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    deliver({ files: [], links: [url] });
  });
  return {
    deliverTo(opened) {
      deliver = opened.open;
      for (const request of early) if (request.files.length + request.links.length > 0) opened.open(request);
    },
  };
}
