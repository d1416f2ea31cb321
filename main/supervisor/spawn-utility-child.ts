/** Starts children as Electron's utility processes: for the packaged app, where no plain Node may run. */
import { utilityProcess } from 'electron';
import { checkFrame, readFrame } from '../../native-models/process/frames.ts';
import type { ChildExit, Spawn } from './spawned-child.ts';

const maxLastWords = 8192;

/** The utility adapter. Its children end by themselves when we do, and never see the terminal's Ctrl-C. */
export const spawnUtilityChild: Spawn = (file, { name, env }) => {
  const child = utilityProcess.fork(file, [], {
    serviceName: name,
    env: { ...process.env, ...env } as Record<string, string>,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let lastWords = '';
  let hasEnded = false;
  let isStarted = false;
  let isKilled = false;
  child.stdout?.resume(); // a child's stdout is nobody's, but must not fill up
  child.stderr?.on('data', (bytes: Uint8Array) => {
    lastWords = (lastWords + Buffer.from(bytes).toString('utf8')).slice(-maxLastWords);
  });
  child.once('spawn', () => {
    isStarted = true;
    if (isKilled && child.pid !== undefined) killHard(child.pid);
  });

  return {
    get pid() {
      return child.pid ?? null;
    },
    post(frame) {
      checkFrame(frame);
      if (!hasEnded) child.postMessage(frame);
    },
    onFrame(listener) {
      child.on('message', (message: unknown) => {
        const frame = readFrame(message);
        if (frame) listener(frame);
      });
    },
    onExit(listener) {
      child.once('exit', (code) => {
        hasEnded = true;
        listener(readExit(code, lastWords));
      });
    },
    kill() {
      isKilled = true;
      // `kill` asks politely (SIGTERM), which a hung child can't hear.
      if (isStarted && child.pid !== undefined) killHard(child.pid);
    },
  };
};

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it had ended already
  }
}

/** On POSIX Electron gives a waited status' signal number as the code of a child that a signal ended. */
function readExit(code: number, lastWords: string): ChildExit {
  const signals: Record<number, string> = { 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' };
  const signal = process.platform === 'win32' ? null : (signals[code] ?? null);
  return { code: signal === null ? code : null, signal, lastWords };
}
