/** The preload script: exposes the bridge to the page, and knows no endpoint. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Bridge, HostFrame } from './bridge.ts';

const bridge: Bridge = {
  post: (frame) => ipcRenderer.send('frame', frame),
  onFrame(listener) {
    // The event itself stays here: it would lead the page to ipcRenderer.
    const hear = (_event: unknown, frame: HostFrame) => listener(frame);
    ipcRenderer.on('frame', hear);
    return () => void ipcRenderer.off('frame', hear);
  },
  async offerFile(file) {
    // Only a real File has a path here, so the page can't name one.
    const path = file instanceof File ? webUtils.getPathForFile(file) : '';
    return path === '' ? null : ipcRenderer.invoke('offer-file', path);
  },
};

contextBridge.exposeInMainWorld('bridge', bridge);
