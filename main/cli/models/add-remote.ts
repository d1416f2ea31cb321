/** `models add-remote`: a model on a server becomes one of the library, under an id that `--model` and the app take. */
import {
  describeServer,
  gapsInWords,
  hostOf,
  parseAddress,
  serverAbilities,
} from '../../../native-models/process/remote-servers.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { offline } from '../../service/models/remote-library.ts';
import { openRemoteModelsHere } from '../served-model.ts';
import { serverKey } from '../server-key.ts';
import type { OpenLibrary } from './open-library.ts';
import type { ModelsCommand } from './parse-models.ts';

/** @returns exit code: 0 added, 130 stopped */
export async function addRemote(
  command: Extract<ModelsCommand, { action: 'add-remote' }>,
  { isOffline, run }: OpenLibrary,
): Promise<number> {
  const { terminal, signal } = run;
  if (isOffline) throw offline();
  const url = parseAddress(command.url);
  const key = await serverKey(process.env);
  terminal.showStatus(`Asking ${hostOf(url)} which models it serves…`);
  const server = await describeServer({ baseUrl: url, key }, { signal }).catch((error: unknown) => {
    if (signal.aborted) return null;
    throw error;
  });
  terminal.clearStatus();
  if (!server) return 130;
  const { model } = command;
  const served = model === null ? server.models[0]! : server.models.find(({ id }) => id === model);
  if (!served) {
    const names = server.models.map(({ id }) => id).join(', ');
    throw new AppError('not_found', `The server does not list ${model}. It serves: ${names}.`);
  }
  const { id: name, contextLength } = served;
  const added = await openRemoteModelsHere().add({
    url,
    model: name,
    server: server.name,
    contextLength,
    key,
  });
  const { id } = added;
  if (command.json) {
    terminal.say(`${JSON.stringify({ id, url, model: name, server: server.name, gaps: server.gaps })}\n`);
    return 0;
  }
  terminal.say(
    `${id}\nAsk it with --model ${id}. Questions, pictures and documents are then sent to ${server.host}.\n`,
  );
  for (const gap of gapsInWords(serverAbilities[server.kind])) terminal.note(`Note: ${gap}`);
  if (key !== null) {
    terminal.note(
      'The key is not kept: set INTERNVL_SERVER_KEY, or INTERNVL_SERVER_KEY_FILE to a file that only you can read, for each command. For the app, add the server there.',
    );
  }
  return 0;
}
