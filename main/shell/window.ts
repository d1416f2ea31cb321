/** The main window: where it was last time, shown when there is something to see, brought back when its page dies. */
import { join } from 'node:path';
import { BrowserWindow, screen } from 'electron';
import { createRestartRules } from '../supervisor/restart-rules.ts';
import { appOrigin, webPreferences } from './web-preferences.ts';
import { placeWindow, readWindowState, saveWindowState, smallestWindow } from './window-state.ts';

export interface MainWindowOptions {
  profileFolder: string;
  preloadFile: string;
  iconFile: string;
  /** Whether closing the window only hides it. */
  hidesOnClose(): boolean;
}

const saveDelayMs = 400;

export function openMainWindow(options: MainWindowOptions): BrowserWindow {
  const stateFile = join(options.profileFolder, 'window.json');
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const place = placeWindow(
    readWindowState(stateFile),
    [primary, ...others].map(({ workArea }) => workArea),
  );
  const { maximised, ...bounds } = place;
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    title: 'InternVL Desktop',
    icon: options.iconFile,
    autoHideMenuBar: process.platform !== 'darwin',
    webPreferences: { ...webPreferences, preload: options.preloadFile },
  });
  if (maximised) window.maximize();
  window.once('ready-to-show', () => window.show());
  rememberPlace(window, stateFile);
  bringBack(window);
  window.on('close', (event) => {
    if (!options.hidesOnClose()) return;
    event.preventDefault();
    window.hide();
  });
  void window.loadURL(`${appOrigin}/`);
  return window;
}

/** Shows the window to a person who asked for it, wherever it is. */
export function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

function rememberPlace(window: BrowserWindow, stateFile: string): void {
  let timer: NodeJS.Timeout | null = null;
  const save = () => {
    if (window.isDestroyed() || window.isMinimized()) return;
    void saveWindowState(stateFile, { ...window.getNormalBounds(), maximised: window.isMaximized() });
  };
  const saveSoon = () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(save, saveDelayMs);
  };
  window.on('resize', saveSoon);
  window.on('move', saveSoon);
  window.on('maximize', saveSoon);
  window.on('unmaximize', saveSoon);
  window.on('close', save);
}

/** Answers go on without their page, so a page that died is simply loaded again; not for ever, if it dies each time. */
function bringBack(window: BrowserWindow): void {
  const rules = createRestartRules();
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    if (rules.mayRestart(performance.now())) window.reload();
  });
}
