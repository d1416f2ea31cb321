/** `models`: what is on this machine, getting more, checking and removing it. Results on stdout, progress on stderr. */
import { join } from 'node:path';
import type { Model } from '../../preload/contract/models.ts';
import { sealModelFolder } from '../service/models/model-seal.ts';
import { checkPrecision } from './check-precision.ts';
import { addRemote } from './models/add-remote.ts';
import { getModel } from './models/get-model.ts';
import { list, modelLine } from './models/list-models.ts';
import { convertHere, importModel } from './models/make-model.ts';
import { idOf } from './models/model-id.ts';
import { type OpenLibrary, withLibrary } from './models/open-library.ts';
import type { ModelsCommand } from './models/parse-models.ts';
import { repairModel } from './models/repair-model.ts';
import { unlessStopped } from './models/unless-stopped.ts';
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
      case 'repair':
        return repairModel(command, open);
      case 'add-remote':
        return addRemote(command, open);
      case 'remove': {
        await open.library.remove(idOf(command.id));
        if (command.json) run.terminal.say(`${JSON.stringify({ removed: command.id })}\n`);
        else run.terminal.note(`Removed ${command.id}.`);
        return 0;
      }
    }
  });
}

/** What a command made, or that it was stopped. */
function tell({ json }: ModelsCommand, { folder, run }: OpenLibrary, model: Model | null): number {
  if (!model) return 130;
  const path = join(folder, model.id);
  if (json) run.terminal.say(`${JSON.stringify({ model, folder: path })}\n`);
  else run.terminal.say(`${modelLine(model)}\nAsk it with --model ${path}, or choose it in the app.\n`);
  return 0;
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
  else terminal.say(`Damaged: ${damaged.join(', ')}. Mend it with "models repair ${id}".\n`);
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
