/** Runs one command line to its exit code: 0 answered, 1 failed, 2 not understood, 130 stopped by Ctrl-C. */
import { fileURLToPath } from 'node:url';
import { reportError } from '../../preload/contract/errors.ts';
import { modelCacheFolder } from './app-folders.ts';
import { ask } from './ask.ts';
import { summariseResult } from './ask-result.ts';
import { type ChildFiles, childFiles, createChildren } from './children.ts';
import { convert } from './convert.ts';
import { devices, devicesUsage } from './devices.ts';
import { evaluateUsage } from './evaluate/parse-evaluate.ts';
import { evaluate } from './evaluate.ts';
import { modelsUsage } from './models/parse-models.ts';
import { models } from './models.ts';
import { type AskCommand, type Command, parseArguments, usage, wantsJson } from './parse-arguments.ts';
import type { RunContext } from './run-context.ts';
import { createTerminal, type Terminal } from './terminal.ts';

const embeddedModel = fileURLToPath(new URL('../../assets/embedded-model', import.meta.url));

/** @param files the children's entries; tests pass scripted ones */
export async function runCli(argv: string[], files: ChildFiles = childFiles): Promise<number> {
  const terminal = createTerminal(process.stdout, process.stderr);
  const json = wantsJson(argv);
  let command: Command;
  try {
    command = parseArguments(argv);
  } catch (error) {
    return fail(error, { terminal, json, exitCode: 2 });
  }
  if (command.kind === 'help') {
    terminal.say(`${usage}\n${devicesUsage}\n${modelsUsage}\n${evaluateUsage}`);
    return 0;
  }
  const children = createChildren(files);
  const stop = listenForInterrupt();
  const run: RunContext = {
    terminal,
    children,
    signal: stop.signal,
    modelCache: modelCacheFolder(process.env),
    embeddedModel,
  };
  try {
    if (command.kind === 'convert') return (await convert(command, run)) ? 0 : 130;
    if (command.kind === 'evaluate') {
      await evaluate(command, run);
      return stop.signal.aborted ? 130 : 0;
    }
    if (command.kind === 'devices') return await devices(command, run);
    if (command.kind === 'models') return await models(command, run);
    return await askAndReport(command, run);
  } catch (error) {
    return fail(error, { terminal, json, exitCode: 1 });
  } finally {
    await children.shutdownAll();
    stop.release();
  }
}

async function askAndReport(command: AskCommand, run: RunContext): Promise<number> {
  const result = await ask(command, run);
  run.terminal.clearStatus();
  run.terminal.endLine();
  if (command.json) run.terminal.say(`${JSON.stringify(result)}\n`);
  else run.terminal.note(summariseResult(result));
  return result.stopReason === 'aborted' ? 130 : 0;
}

/** Says what went wrong: as JSON on stdout, or as a sentence on stderr. */
function fail(error: unknown, how: { terminal: Terminal; json: boolean; exitCode: number }): number {
  const { code, message } = reportError(error);
  how.terminal.clearStatus();
  how.terminal.endLine();
  if (how.json) how.terminal.say(`${JSON.stringify({ error: { code, message } })}\n`);
  else how.terminal.note(message);
  return how.exitCode;
}

const stopSignals = ['SIGINT', 'SIGTERM'] as const;

/** The first Ctrl-C, or end of the session, asks the work to stop and keeps what was said, a second one ends everything at once. */
function listenForInterrupt(): { signal: AbortSignal; release: () => void } {
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
  };
  for (const signal of stopSignals) process.on(signal, interrupt);
  // Whoever read stdout has gone (`| head`): there is nobody left to answer, now or later.
  process.stdout.on('error', () => process.exit(1));
  return {
    signal: abort.signal,
    release() {
      for (const signal of stopSignals) process.off(signal, interrupt);
    },
  };
}
