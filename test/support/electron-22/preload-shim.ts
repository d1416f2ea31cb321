/** The shim's half for the preload script, which a sandbox keeps from everything but `electron`. */
import { contextBridge, ipcRenderer } from 'electron-22-itself';

/** In Electron 22 a File knows its own path. */
export const webUtils = { getPathForFile: (file: { path?: string }) => file.path ?? '' };
export { contextBridge, ipcRenderer };
