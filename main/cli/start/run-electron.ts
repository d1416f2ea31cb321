/** Opens the app in Electron and stays as long as it does. */
import { spawn } from 'node:child_process';

/** An end with a fault in this time is taken for Electron not being able to start here. */
const startMs = 10_000;
const maxLastWords = 8192;

export type ElectronRun = { kind: 'ended'; exitCode: number } | { kind: 'not started'; lastWords: string };

/** Never adds a switch: `--no-sandbox` least of all. */
export function runElectron(
  program: string,
  { args, signal }: { args: string[]; signal: AbortSignal },
): Promise<ElectronRun> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'pipe'] });
    let lastWords = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-maxLastWords);
      if (performance.now() - startedMs > startMs) process.stderr.write(text);
    });
    const stop = () => child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', (error) => resolve({ kind: 'not started', lastWords: error.message }));
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      const isEarly = performance.now() - startedMs < startMs;
      if (code !== 0 && isEarly && !signal.aborted) resolve({ kind: 'not started', lastWords });
      else resolve({ kind: 'ended', exitCode: code ?? 1 });
    });
  });
}
