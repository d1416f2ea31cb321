/** Where everything lies when the app runs from its source folder: Node runs the entries as they are. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ChildFiles } from '../supervisor/app-children.ts';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const sourceFolder = fromRoot('.');
export const assetsFolder = fromRoot('assets');
export const pageFolder = fromRoot('dist/renderer');

export const childFiles: ChildFiles = {
  service: fromRoot('main/service/entry.ts'),
  engine: fromRoot('native-models/process/engine-entry.ts'),
  media: fromRoot('native-models/process/media-entry.ts'),
  convert: fromRoot('native-models/process/convert-entry.ts'),
  probe: fromRoot('native-models/process/probe-entry.ts'),
};

export function readVersion(): string {
  return (JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as { version: string }).version;
}
