/** A converted model on disk: weights in data files, a tokenizer, and the manifest that says what lies where. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import { readTextFile } from '../weights/plain-file.ts';
import { shownName } from '../weights/shown-name.ts';
import { findManifestFault } from './check-manifest.ts';
import { type ModelManifest, manifestSchema } from './model-manifest.ts';
import { recipeVersion } from './recipe-version.ts';

/** File that makes a folder a model folder; written last. */
export const manifestFile = 'manifest.json';

/** The 78B model's manifest has 0.4 MB. */
const maxManifestBytes = 32 * 1024 * 1024;

/** A model folder whose manifest was read and whose files have the sizes it promises. */
export interface ModelFolder {
  path: string;
  manifest: ModelManifest;
}

/**
 * Opens a converted model.
 * @throws AppError `not_found` without a manifest, `model_folder_broken` for another recipe, a bad manifest, or a file
 * that is missing, no plain file or of the wrong size
 */
export async function openModelFolder(path: string): Promise<ModelFolder> {
  const manifest = await readModelManifest(path);
  for (const { name, sizeBytes } of manifest.files) {
    const foundBytes = await plainFileBytes(path, name);
    if (foundBytes !== sizeBytes)
      throw brokenModelFolder(`its file ${name} has ${foundBytes} bytes instead of ${sizeBytes}`);
  }
  return { path, manifest };
}

/** The manifest alone, whatever state the other files are in; throws as `openModelFolder`. */
export async function readModelManifest(path: string): Promise<ModelManifest> {
  return parseManifest(await readManifest(path));
}

async function readManifest(path: string): Promise<string> {
  const missing = new AppError(
    'not_found',
    'This folder holds no converted model: its manifest.json is missing.',
  );
  if (!(await lstat(join(path, manifestFile)).catch(() => null))) throw missing;
  await plainFileBytes(path, manifestFile);
  const file = { folder: path, name: manifestFile, maxBytes: maxManifestBytes };
  const text = await readTextFile(file).catch((cause: unknown) => {
    throw brokenModelFolder("its manifest.json can't be read", cause);
  });
  if (text === undefined) throw missing;
  return text;
}

/** A link could lead anywhere, and a pipe would be waited for. */
async function plainFileBytes(path: string, name: string): Promise<number> {
  const found = await lstat(join(path, name)).catch(() => null);
  if (!found) throw brokenModelFolder(`its file ${name} is missing`);
  if (!found.isFile()) throw brokenModelFolder(`its file ${name} is no plain file`);
  return found.size;
}

/** @throws AppError `model_folder_broken` for what is no manifest of this version, or contradicts itself */
export function parseManifest(text: string): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw brokenModelFolder('its manifest.json is not JSON');
  }
  const version = (json as { recipeVersion?: unknown } | null)?.recipeVersion;
  if (typeof version === 'number' && version !== recipeVersion) {
    throw brokenModelFolder(`it was made by recipe ${version}, this app reads recipe ${recipeVersion}`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success)
    throw brokenModelFolder(
      `its manifest is not valid at ${shownName(parsed.error.issues[0]?.path.join('.') || 'the top')}`,
    );
  const fault = findManifestFault(parsed.data);
  if (fault) throw brokenModelFolder(fault);
  return parsed.data;
}

/** A converted model that can't be used; converting again mends it. */
export function brokenModelFolder(what: string, cause?: unknown): AppError {
  return new AppError(
    'model_folder_broken',
    `The converted model can't be used: ${what}. Convert the checkpoint again.`,
    { cause },
  );
}
