/** What every window's page may do: nothing but draw, and speak through the preload script. */

/** Electron's checklist, written out even where it is the default, so that a change of defaults changes nothing here. */
export const webPreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  safeDialogs: true,
  spellcheck: false, // its dictionaries come from the network
  enableBlinkFeatures: '',
} as const;

/** Of the scheme the page comes from. `corsEnabled` keeps other origins from reading it (CVE-2026-70604). */
export const appScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, corsEnabled: true },
} as const;

export const appOrigin = 'app://internvl';

/** Chromium's own ways to the network that no content security policy reaches. */
export const networkSwitches: readonly [name: string, value?: string][] = [
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-domain-reliability'],
  ['dns-prefetch-disable'],
  ['no-pings'],
  ['disable-features', 'OptimizationHints,MediaRouter,Translate'],
  ['force-webrtc-ip-handling-policy', 'disable_non_proxied_udp'],
];
