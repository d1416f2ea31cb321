/** `models import` and `models convert`: what lies on this machine becomes a model of the library. */
import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Model } from '../../../preload/contract/models.ts';
import { checkpointsFolder, findCheckpoints } from '../../service/models/checkpoints.ts';
import { huggingFaceCache } from '../../service/models/hub/hugging-face-cache.ts';
import { isImportedFile } from '../../service/models/imported-files.ts';
import { unpackZip } from '../../service/models/unpack-zip.ts';
import type { OpenLibrary } from './open-library.ts';
import type { ModelsCommand } from './parse-models.ts';
import { unlessStopped } from './unless-stopped.ts';

type Of<A extends ModelsCommand['action']> = Extract<ModelsCommand, { action: A }>;

/** @returns null when stopped */
export async function importModel(command: Of<'import'>, open: OpenLibrary): Promise<Model | null> {
  const { signal } = open.run;
  const path = resolve(command.path);
  const found = await stat(path).catch(() => null);
  if (!found) throw new AppError('not_found', 'There is nothing at this path. Check the spelling.');
  return unlessStopped(signal, () =>
    found.isDirectory()
      ? take(path, { path, precision: command.precision }, open)
      : importZip(path, command, open),
  );
}

async function take(
  from: string,
  named: { path: string; precision: Of<'import'>['precision'] },
  { library, convert, run }: OpenLibrary,
): Promise<Model | null> {
  const { path, precision } = named;
  const name = basename(path).replace(/\.zip$/i, '');
  if (!(await stat(join(from, 'manifest.json')).catch(() => null)))
    return convert({ path: from, name, precision, origin: { type: 'path', path } });
  const { signal, terminal } = run;
  const onProgress = (done: number, total: number) => terminal.showStatus(copying(done, total));
  try {
    return await library.adopt({ path: from, name, origin: path }, { signal, onProgress });
  } finally {
    terminal.clearStatus();
  }
}

/** Unpacked under a name of its own, so that a conversion that is stopped goes on with the same files. */
async function importZip(path: string, command: Of<'import'>, open: OpenLibrary): Promise<Model | null> {
  const { signal, terminal } = open.run;
  const { size, mtimeMs } = await stat(path);
  const key = createHash('sha256').update(`${path}\0${size}\0${mtimeMs}`).digest('hex').slice(0, 16);
  const folder = join(open.folder, checkpointsFolder, `unpacked-${key}`);
  const onProgress = (done: number, total: number) => terminal.showStatus(copying(done, total));
  try {
    if (!(await stat(folder).catch(() => null)))
      await unpackZip({ archive: path, folder, copyBytes: size, wants: isImportedFile, onProgress, signal });
    const model = await take(folder, { path, precision: command.precision }, open);
    if (model) await rm(folder, { recursive: true, force: true });
    return model;
  } catch (error) {
    if (!signal.aborted) await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    terminal.clearStatus();
  }
}

const copying = (done: number, total: number) =>
  `Copying: ${Math.floor((100 * done) / Math.max(total, 1))} %`;

/** A checkpoint of `models list`, or a folder. @returns null when stopped */
export async function convertHere(command: Of<'convert'>, open: OpenLibrary): Promise<Model | null> {
  const known = await findCheckpoints(open.folder, huggingFaceCache(process.env));
  const named = known.find(({ name }) => name === command.checkpoint);
  const path = named?.folder ?? resolve(command.checkpoint);
  const name = named ? named.name.split('/').at(-1)!.replace(/@.*$/, '') : basename(path);
  return open.convert({ path, name, precision: command.precision, origin: { type: 'path', path } });
}
