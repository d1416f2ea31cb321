/** The stand-in's own module, of another age than the types in node_modules. */
declare module 'electron-22-itself' {
  // biome-ignore-start lint/suspicious/noExplicitAny: no types of Electron 22 are installed
  export const app: any;
  export const BrowserWindow: any;
  export const contextBridge: any;
  export const desktopCapturer: any;
  export const dialog: any;
  export const globalShortcut: any;
  export const ipcMain: any;
  export const ipcRenderer: any;
  export const Menu: any;
  export const nativeImage: any;
  export const Notification: any;
  export const powerSaveBlocker: any;
  export const protocol: any;
  export const safeStorage: any;
  export const screen: any;
  export const session: any;
  export const shell: any;
  export const systemPreferences: any;
  export const Tray: any;
  export const utilityProcess: any;
  // biome-ignore-end lint/suspicious/noExplicitAny: see above
}
