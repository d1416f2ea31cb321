/** Where the CLI and the headless host keep what they make. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder of converted models: `$INTERNVL_HOME/models`, else the system's cache folder for this product
 * (XDG on Linux, Caches on macOS, LOCALAPPDATA on Windows).
 */
export function modelCacheFolder(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.INTERNVL_HOME) return join(resolve(env.INTERNVL_HOME), 'models');
  return join(systemCacheFolder(env, platform), 'internvl-desktop', 'models');
}

function systemCacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  // The specification says to ignore a relative path.
  const xdg = env.XDG_CACHE_HOME;
  return xdg?.startsWith('/') ? xdg : join(homedir(), '.cache');
}

/**
 * The profile folder of the desktop app and of the headless host: `$INTERNVL_HOME`, else the system's folder for what
 * applications keep (XDG on Linux, Application Support on macOS, APPDATA on Windows).
 */
export function profileFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (env.INTERNVL_HOME) return resolve(env.INTERNVL_HOME);
  return join(systemDataFolder(env, platform), 'internvl-desktop');
}

function systemDataFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return env.APPDATA || join(homedir(), 'AppData', 'Roaming');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  const xdg = env.XDG_DATA_HOME;
  return xdg?.startsWith('/') ? xdg : join(homedir(), '.local', 'share');
}
