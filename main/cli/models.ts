/** `models`: what is on this machine, getting more, checking and removing it. Results on stdout, progress on stderr. */
import { rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import { type ModelId, modelIdSchema } from '../../preload/contract/ids.ts';
import type { Model } from '../../preload/contract/models.ts';
import { checkpointsFolder, findCheckpoints } from '../service/models/checkpoints.ts';
import { isCheckpointFile } from '../service/models/hub/checkpoint-files.ts';
import { huggingFaceCache } from '../service/models/hub/hugging-face-cache.ts';
import { sealModelFolder } from '../service/models/model-seal.ts';
import { unpackZip } from '../service/models/unpack-zip.ts';
import { checkPrecision } from './check-precision.ts';
import { getModel } from './models/get-model.ts';
import { type OpenLibrary, withLibrary } from './models/open-library.ts';
import type { ModelsCommand } from './models/parse-models.ts';
import type { RunContext } from './run-context.ts';

type Of<A extends ModelsCommand['action']> = Extract<ModelsCommand, { action: A }>;

/** @returns exit code: 0 done, 1 something is damaged, 130 stopped */
export function models(command: ModelsCommand, run: RunContext): Promise<number> {
  return withLibrary(run, async (open) => {
    switch (command.action) {
      case 'list':
        return list(command, open);
      case 'get':
        return tell(command, open, await getModel(command, open));
      case 'import':
        return tell(command, open, await importModel(command, open));
      case 'convert':
        return tell(command, open, await convertHere(command, open));
      case 'check':
        return command.files ? checkFiles(command, open) : checkPrice(command, open);
      case 'remove': {
        await open.library.remove(idOf(command.id));
        if (command.json) run.terminal.say(`${JSON.stringify({ removed: command.id })}\n`);
        else run.terminal.note(`Removed ${command.id}.`);
        return 0;
      }
    }
  });
}

async function list({ json }: ModelsCommand, { library, folder, run }: OpenLibrary): Promise<number> {
  const found = await library.list();
  const broken = await library.listBroken();
  const checkpoints = await findCheckpoints(folder, huggingFaceCache(process.env));
  if (json) {
    run.terminal.say(`${JSON.stringify({ models: found, broken, checkpoints })}\n`);
    return 0;
  }
  for (const model of found) run.terminal.say(`${line(model)}\n`);
  for (const { id, error } of broken) run.terminal.say(`${id}  damaged: ${error.message}\n`);
  for (const { name, sizeBytes } of checkpoints)
    run.terminal.say(`${name}  ${gigabytes(sizeBytes)} GB  checkpoint, not converted\n`);
  return 0;
}

/** What a command made, or that it was stopped. */
function tell({ json }: ModelsCommand, { folder, run }: OpenLibrary, model: Model | null): number {
  if (!model) return 130;
  const path = join(folder, model.id);
  if (json) run.terminal.say(`${JSON.stringify({ model, folder: path })}\n`);
  else run.terminal.say(`${line(model)}\nAsk it with --model ${path}, or choose it in the app.\n`);
  return 0;
}

async function importModel(command: Of<'import'>, open: OpenLibrary): Promise<Model | null> {
  const { library, folder, run } = open;
  const { signal, terminal } = run;
  const path = resolve(command.path);
  const found = await stat(path).catch(() => null);
  if (!found) throw new AppError('not_found', 'There is nothing at this path. Check the spelling.');
  const onProgress = (done: number, total: number) =>
    terminal.showStatus(`Copying: ${Math.floor((100 * done) / Math.max(total, 1))} %`);
  const name = basename(path).replace(/\.zip$/i, '');
  const take = async (from: string) => {
    if (await stat(join(from, 'manifest.json')).catch(() => null))
      return library.adopt({ path: from, name }, { signal, onProgress });
    const id = await library.claimId(`${name}-${command.precision}`);
    return open.convert({ path: from, id, precision: command.precision });
  };
  if (found.isDirectory()) return unlessStopped(signal, () => take(path));
  const unpacked = join(folder, checkpointsFolder, `unpacked-${process.pid}`);
  const wants = (file: string) => isCheckpointFile(file) || file === 'manifest.json' || file.endsWith('.bin');
  try {
    return await unlessStopped(signal, async () => {
      const request = { archive: path, folder: unpacked, copyBytes: found.size, wants, onProgress, signal };
      await unpackZip(request);
      return take(unpacked);
    });
  } finally {
    terminal.clearStatus();
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function convertHere(command: Of<'convert'>, open: OpenLibrary): Promise<Model | null> {
  const known = await findCheckpoints(open.folder, huggingFaceCache(process.env));
  const named = known.find(({ name }) => name === command.checkpoint);
  const path = named?.folder ?? resolve(command.checkpoint);
  const name = named ? named.name.split('/').at(-1)!.replace(/@.*$/, '') : basename(path);
  const id = await open.library.claimId(`${name}-${command.precision}`);
  return open.convert({ path, id, precision: command.precision });
}

async function checkFiles({ id, json }: Of<'check'>, { library, run }: OpenLibrary): Promise<number> {
  const { signal, terminal } = run;
  const onProgress = (done: number, total: number) =>
    terminal.showStatus(`Reading every byte: ${Math.floor((100 * done) / Math.max(total, 1))} %`);
  const damaged = await unlessStopped(signal, () => library.findDamaged(idOf(id), { signal, onProgress }));
  terminal.clearStatus();
  if (!damaged) return 130;
  if (json) terminal.say(`${JSON.stringify({ damaged })}\n`);
  else if (damaged.length === 0) terminal.say('All files are as they were written.\n');
  else terminal.say(`Damaged: ${damaged.join(', ')}. Remove this model and get it again.\n`);
  return damaged.length === 0 ? 0 : 1;
}

async function checkPrice(command: Of<'check'>, { folder, run }: OpenLibrary): Promise<number> {
  const path = join(folder, idOf(command.id));
  const { checkpoint, samples: files } = command;
  const report = await checkPrecision(run, path, { checkpoint: checkpoint!, files });
  if (!report) return 130;
  await sealModelFolder(path);
  if (command.json) run.terminal.say(`${JSON.stringify(report)}\n`);
  return 0;
}

async function unlessStopped<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

function idOf(text: string): ModelId {
  const { data } = modelIdSchema.safeParse(text);
  if (data) return data;
  throw new AppError('not_found', 'There is no such model. "models list" names those that are here.');
}

const gigabytes = (sizeBytes: number) => (sizeBytes / 1e9).toFixed(2);
const line = ({ id, sizeBytes, precision }: Model) =>
  `${id}  ${gigabytes(sizeBytes)} GB  vision ${precision.vision}, language ${precision.decoder}`;
