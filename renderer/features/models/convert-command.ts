/** How a checkpoint becomes a model of the library where the host has no dialog to choose folders. */
import type { AppDescription } from '../../../preload/contract/system.ts';

/** The profile's folder of models, as in main/cli/app-folders.ts, in the words of each system's shell. */
const modelFolders: Record<AppDescription['platform'], string> = {
  linux: '~/.local/share/internvl-desktop/models/',
  other: '~/.local/share/internvl-desktop/models/',
  darwin: '"$HOME/Library/Application Support/internvl-desktop/models/',
  win32: '"%APPDATA%\\internvl-desktop\\models\\',
};

/** @param name of the model, as the library shall list it */
export function convertCommand(platform: AppDescription['platform'], name: string): string {
  const folder = modelFolders[platform];
  const closing = folder.startsWith('"') ? '"' : '';
  return `npm run --silent cli -- convert CHECKPOINT ${folder}${name}${closing}`;
}
