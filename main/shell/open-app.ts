/** Puts the desktop app together once Electron is ready: children, scheme, bridge, window, menu, tray, hotkey. */
import { join } from 'node:path';
import { app, type BrowserWindow, Menu, session } from 'electron';
import { conversationIdSchema } from '../../preload/contract/ids.ts';
import type { AppEvent } from '../../preload/contract/system.ts';
import { startAppHost } from '../hosts/app-host.ts';
import { serveIpc } from '../hosts/ipc.ts';
import { sendUpload } from '../hosts/send-upload.ts';
import { spawnUtilityChild } from '../supervisor/spawn-utility-child.ts';
import { captureRegion } from './capture-region.ts';
import { createCaptures } from './capture-session.ts';
import { readDeepLink } from './deep-links.ts';
import { denyPermissions, guardAllContents } from './guard-contents.ts';
import { createHotkey } from './hotkey.ts';
import { menuTemplate } from './menu.ts';
import { offerFile } from './offer-files.ts';
import type { OpenRequest } from './open-files.ts';
import { openLink } from './open-link.ts';
import { assetsFolder, builtFiles } from './packaged-files.ts';
import { createWakefulness } from './power.ts';
import { serveScheme } from './scheme.ts';
import { electronShell } from './shell-powers.ts';
import { shellTexts } from './shell-texts.ts';
import { createTray, type TrayState } from './tray.ts';
import { watchApp } from './watch-app.ts';
import { openMainWindow, raise } from './window.ts';

export interface OpenedApp {
  /** Brings the window back, and opens what was asked for. */
  open(request: OpenRequest): void;
  /** From here on closing the window closes it. */
  quit(): void;
  shutdown(): Promise<void>;
}

export function openApp(profileFolder: string): OpenedApp {
  const captures = createCaptures();
  const keepAwake = createWakefulness();
  const ended = new AbortController();
  const trayState: TrayState = { model: 'unloaded', busy: false };
  let texts = shellTexts('system', app.getLocale());
  let keepInTray = false;
  let quitting = false;
  let window: BrowserWindow | null = null;

  const host = startAppHost({
    spawn: spawnUtilityChild,
    files: builtFiles.children,
    profileFolder,
    assetsFolder: assetsFolder(),
    version: app.getVersion(),
    shell: electronShell({
      window: () => window,
      texts: () => texts,
      offerFile: (path) => offerFile(host, path),
      captureRegion: cutScreen,
      showConversation(id) {
        const conversationId = conversationIdSchema.safeParse(id);
        if (conversationId.success)
          tellWindow({ type: 'show-conversation', conversationId: conversationId.data, messageId: null });
      },
      setBusy(busy) {
        trayState.busy = busy;
        keepAwake(busy);
        redrawTray();
      },
    }),
    onCrash: ({ name, lastWords }) => console.error(`The ${name} process ended unexpectedly. ${lastWords}`),
  });

  async function cutScreen() {
    const bytes = await captureRegion(captures, texts.captureRefused);
    return bytes && sendUpload(host.client, { bytes, name: 'screenshot.png' });
  }

  /** From the menu, the tray or the hotkey: what was cut out goes to the page by itself. */
  function askAboutScreen(): void {
    cutScreen()
      .then((uploadId) => uploadId && tellWindow({ type: 'files-offered', uploadIds: [uploadId] }))
      .catch((error) => console.error(error));
  }

  function showWindow(): BrowserWindow {
    if (!window || window.isDestroyed()) {
      window = openMainWindow({
        profileFolder,
        preloadFile: builtFiles.preload,
        iconFile: join(assetsFolder(), 'icons', 'icon.png'),
        hidesOnClose: () => keepInTray && !quitting,
      });
    } else raise(window);
    return window;
  }

  function tellWindow(event: AppEvent): void {
    showWindow();
    host.announce(event);
  }

  const askLink = (url: string) => void openLink(url, { window, texts }).catch(() => {});
  guardAllContents(askLink);
  denyPermissions(session.defaultSession);
  serveScheme({
    powers: { host, uploadFolder: join(profileFolder, 'uploads'), pageFolder: builtFiles.pageFolder },
    extraRoutes: captures.routes,
    onFault: (error) => console.error(error),
  });
  serveIpc({ host, offerFile: (path) => offerFile(host, path) });

  const command = (name: Extract<AppEvent, { type: 'command' }>['command']) =>
    tellWindow({ type: 'command', command: name });
  const tray = createTray(join(assetsFolder(), 'icons', 'tray.png'), {
    show: showWindow,
    newConversation: () => command('new-conversation'),
    captureRegion: askAboutScreen,
    quit: app.quit,
  });
  const redrawTray = () => tray?.update(trayState, texts);
  const redrawMenu = () =>
    Menu.setApplicationMenu(
      Menu.buildFromTemplate(
        menuTemplate(
          texts,
          { command, captureRegion: askAboutScreen },
          { platform: process.platform, isPackaged: app.isPackaged },
        ),
      ),
    );
  const takeHotkey = createHotkey(askAboutScreen);
  redrawMenu();
  redrawTray();
  showWindow();
  void watchApp(
    host,
    {
      onSettings(settings) {
        texts = shellTexts(settings.language, app.getLocale());
        keepInTray = settings.keepInTray && tray !== null;
        takeHotkey(settings.regionHotkey);
        redrawMenu();
        redrawTray();
      },
      onModel(state) {
        trayState.model = state;
        redrawTray();
      },
    },
    ended.signal,
  );

  async function offerFiles(paths: readonly string[]): Promise<void> {
    const uploadIds = await Promise.all(paths.map((path) => offerFile(host, path)));
    host.announce({ type: 'files-offered', uploadIds });
  }

  return {
    open({ files, links }) {
      showWindow();
      if (files.length > 0) void offerFiles(files).catch((error) => console.error(error));
      for (const event of links.map(readDeepLink)) if (event) host.announce(event);
    },
    quit() {
      quitting = true;
    },
    async shutdown() {
      ended.abort();
      takeHotkey(null);
      keepAwake(false);
      await host.shutdown();
    },
  };
}
