/** Where the built app's parts lie, in the source folder's dist/ and in the package alike. */
import { join } from 'node:path';
import { app } from 'electron';
import type { ChildFiles } from '../supervisor/app-children.ts';

/** This file is bundled into dist/shell. */
const distFolder = join(__dirname, '..');

/** Children and what they load are plain files beside the archive: threads, WebAssembly and native modules want that. */
const childFolder = join(distFolder, 'children').replace('app.asar', 'app.asar.unpacked');

export const builtFiles = {
  children: {
    service: join(childFolder, 'service.mjs'),
    engine: join(childFolder, 'engine.mjs'),
    media: join(childFolder, 'media.mjs'),
    convert: join(childFolder, 'convert.mjs'),
    probe: join(childFolder, 'probe.mjs'),
  } satisfies ChildFiles,
  preload: join(__dirname, 'preload.cjs'),
  pageFolder: join(distFolder, 'renderer'),
};

/** Assets are files that children open by path, so the package keeps them beside the archive, not in it. */
export function assetsFolder(): string {
  return app.isPackaged ? join(process.resourcesPath, 'assets') : join(distFolder, '..', 'assets');
}
