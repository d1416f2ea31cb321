/** Takes the screen under the mouse, lets the person draw a box on it, and gives that part as a PNG. */
import {
  BrowserWindow,
  type Display,
  desktopCapturer,
  type NativeImage,
  screen,
  systemPreferences,
} from 'electron';
import type { Box } from '../../preload/contract/attachments.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type { Captures } from './capture-session.ts';
import { appOrigin, webPreferences } from './web-preferences.ts';

/** @returns null where the person gave up. @throws AppError `device_unavailable` with `refusal` where the system says no */
export async function captureRegion(captures: Captures, refusal: string): Promise<Uint8Array | null> {
  const display = screen.getDisplayNearestPoint(screen.getCursorScreenPoint());
  const shot = await takeScreen(display, refusal);
  const session = captures.begin(shot.toPNG());
  const overlay = openOverlay(display);
  overlay.once('closed', session.giveUp);
  try {
    await overlay.loadURL(`${appOrigin}${session.path}`);
    overlay.focus();
    const box = await session.box;
    return box ? shot.crop(toPixels(box, shot.getSize())).toPNG() : null;
  } finally {
    if (!overlay.isDestroyed()) overlay.destroy();
  }
}

async function takeScreen(display: Display, refusal: string): Promise<NativeImage> {
  const refused = () => new AppError('device_unavailable', refusal);
  if (process.platform === 'darwin' && systemPreferences.getMediaAccessStatus('screen') === 'denied')
    throw refused();
  const thumbnailSize = {
    width: Math.round(display.size.width * display.scaleFactor),
    height: Math.round(display.size.height * display.scaleFactor),
  };
  // On Wayland the portal asks the person, and a refusal comes as an error or as an empty list.
  const sources = await desktopCapturer
    .getSources({ types: ['screen'], thumbnailSize })
    .catch((): Electron.DesktopCapturerSource[] => []);
  const source = sources.find(({ display_id }) => display_id === `${display.id}`) ?? sources[0];
  if (!source || source.thumbnail.isEmpty()) throw refused();
  return source.thumbnail;
}

function openOverlay({ bounds }: Display): BrowserWindow {
  const overlay = new BrowserWindow({
    ...bounds,
    frame: false,
    show: true,
    fullscreen: process.platform !== 'darwin',
    simpleFullscreen: process.platform === 'darwin',
    resizable: false,
    movable: false,
    skipTaskbar: true,
    alwaysOnTop: true,
    webPreferences: { ...webPreferences },
  });
  overlay.setAlwaysOnTop(true, 'screen-saver');
  return overlay;
}

function toPixels(box: Box, { width, height }: { width: number; height: number }): Electron.Rectangle {
  const x = Math.min(width - 1, Math.floor(box.x * width));
  const y = Math.min(height - 1, Math.floor(box.y * height));
  return {
    x,
    y,
    width: Math.max(1, Math.min(width - x, Math.round(box.width * width))),
    height: Math.max(1, Math.min(height - y, Math.round(box.height * height))),
  };
}
