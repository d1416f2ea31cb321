/** `npm start`: opens the app in Electron, or serves it to a browser where that can't be, saying why. */
import { readFile } from 'node:fs/promises';
import { AppError, reportError } from '../../preload/contract/errors.ts';
import { listenForStop } from '../hosts/listen-for-stop.ts';
import { runHeadless } from '../hosts/run-headless.ts';
import { sourceFolder } from '../hosts/source-files.ts';
import { profileFolder } from './app-folders.ts';
import { answerSample } from './start/answer-sample.ts';
import { buildApp } from './start/build-app.ts';
import { whyElectronEnded, whyNoWindow } from './start/choose-host.ts';
import { findElectron } from './start/find-electron.ts';
import { parseStart, type StartCommand, startUsage } from './start/parse-start.ts';
import { runElectron } from './start/run-electron.ts';
import { createTerminal, type Terminal } from './terminal.ts';

interface StartRun {
  terminal: Terminal;
  signal: AbortSignal;
}

/** @returns the exit code: 0 ended in order, 1 failed, 2 not understood */
async function start(argv: readonly string[], run: StartRun): Promise<number> {
  let command: StartCommand;
  try {
    command = parseStart(argv);
  } catch (error) {
    run.terminal.note(reportError(error).message);
    return 2;
  }
  if (command.help) {
    run.terminal.say(startUsage);
    return 0;
  }
  try {
    const opened = command.headless ? null : await openWindow(command, run);
    if (typeof opened === 'number') return opened;
    if (opened)
      run.terminal.note(`No window, since ${opened.whyNot}: serving the app to your browser instead.`);
    if (!run.signal.aborted) await serveHeadless(command, run);
    return 0;
  } catch (error) {
    run.terminal.note(reportError(error).message);
    return 1;
  }
}

/** @returns Electron's exit code, or why there is no window */
async function openWindow(
  command: StartCommand,
  { terminal, signal }: StartRun,
): Promise<number | { whyNot: string }> {
  const whyNot = whyNoWindow({
    platform: process.platform,
    env: process.env,
    userId: process.getuid?.() ?? null,
    userNamespaces: await hasUserNamespaces(),
  });
  if (whyNot !== null) return { whyNot };
  const electron = await findElectron({ signal });
  if ('whyNot' in electron) return electron;
  await buildApp(sourceFolder, 'app', { say: terminal.note, signal });
  if (signal.aborted) return 0;
  const ran = await runElectron(electron.program, { args: [sourceFolder, ...command.open], signal });
  return ran.kind === 'ended' ? ran.exitCode : { whyNot: whyElectronEnded(ran.lastWords) };
}

/** What decides on it: Debian's switch, the kernel's limit, Ubuntu's AppArmor rule. A file that is missing decides nothing. */
async function hasUserNamespaces(): Promise<boolean> {
  const read = (path: string) =>
    readFile(path, 'utf8').then(
      (text) => text.trim(),
      () => null,
    );
  const [clone, most, restricted] = await Promise.all([
    read('/proc/sys/kernel/unprivileged_userns_clone'),
    read('/proc/sys/user/max_user_namespaces'),
    read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
  ]);
  return clone !== '0' && most !== '0' && restricted !== '1';
}

async function serveHeadless(command: StartCommand, { terminal, signal }: StartRun): Promise<void> {
  if (command.open.length > 0)
    throw new AppError(
      'invalid_request',
      'Without a window, drop files on the page in your browser instead.',
    );
  await buildApp(sourceFolder, 'page', { say: terminal.note, signal });
  if (signal.aborted) return;
  await runHeadless({
    profileFolder: profileFolder(process.env),
    port: command.port,
    signal,
    beforeServing: async (host) => {
      await answerSample(host, { terminal, signal }).catch((error) =>
        terminal.note(reportError(error).message),
      );
    },
    say: (line) => terminal.say(`${line}\n`),
    log: terminal.note,
  });
}

const stop = listenForStop();
process.exitCode = await start(process.argv.slice(2), {
  terminal: createTerminal(process.stdout, process.stderr),
  signal: stop.signal,
});
stop.release();
