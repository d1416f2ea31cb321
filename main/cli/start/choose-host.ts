/** Whether `npm start` may open a window here, judged from the system alone, before Electron is looked for. */

export interface HostCircumstances {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  /** Null on Windows. */
  userId: number | null;
  /** Linux: what /proc/sys says of unprivileged user namespaces, which Chromium's sandbox is made of. */
  userNamespaces: boolean;
}

/** @returns why no window can be opened, as the end of a sentence; null where it can be tried */
export function whyNoWindow({ platform, env, userId, userNamespaces }: HostCircumstances): string | null {
  if (platform !== 'linux') return null;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  if (userId === 0) return 'it runs as root, where Electron’s sandbox does not';
  if (!userNamespaces)
    return 'Electron’s sandbox can’t start on this system (unprivileged user namespaces are off)';
  return null;
}

/** What Electron wrote while it could not start, as the end of a sentence. */
export function whyElectronEnded(lastWords: string): string {
  if (/sandbox/i.test(lastWords)) return 'Electron’s sandbox can’t start on this system';
  if (/display|ozone|x server|wayland/i.test(lastWords)) return 'there is no display that Electron can use';
  const missing = /error while loading shared libraries: (\S+?):/.exec(lastWords)?.[1];
  if (missing) return `the system lacks a library that Electron needs (${missing})`;
  return 'Electron could not start';
}
