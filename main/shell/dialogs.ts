/** The system's dialogs. */
import { basename } from 'node:path';
import { type BrowserWindow, dialog } from 'electron';

/** @returns null where the person closed it */
export async function chooseFolder(
  window: BrowserWindow | null,
  title: string,
): Promise<{ path: string; name: string } | null> {
  const options = { title, properties: ['openDirectory' as const] };
  const { filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  const [path] = filePaths;
  return path === undefined ? null : { path, name: basename(path) };
}
