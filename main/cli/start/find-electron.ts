/** Finds Electron's program; its package downloads it on first use, which is given 30 s. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

export type FoundElectron = { program: string } | { whyNot: string };

/** @param options.installer the package's own script that downloads; tests pass one that hangs or fails */
export async function findElectron(
  options: { installer?: string; limitMs?: number; signal?: AbortSignal } = {},
): Promise<FoundElectron> {
  const limitMs = options.limitMs ?? 30_000;
  const installer = options.installer ?? findInstaller();
  if (!installer) return { whyNot: 'Electron is not installed' };
  const end = await runInstaller(installer, { limitMs, ...(options.signal && { signal: options.signal }) });
  if (end === 'late') return { whyNot: `Electron was not there within ${Math.round(limitMs / 1000)} s` };
  if (end === 'failed') return { whyNot: 'Electron could not be downloaded' };
  try {
    return { program: require('electron') as string };
  } catch {
    return { whyNot: 'Electron is not installed' };
  }
}

function findInstaller(): string | null {
  try {
    return join(dirname(require.resolve('electron/package.json')), 'install.js');
  } catch {
    return null;
  }
}

function runInstaller(
  installer: string,
  { limitMs, signal }: { limitMs: number; signal?: AbortSignal },
): Promise<'done' | 'late' | 'failed'> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [installer], { stdio: 'ignore', windowsHide: true });
    let isLate = false;
    const stop = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      isLate = true;
      stop();
    }, limitMs);
    signal?.addEventListener('abort', stop, { once: true });
    child.once('error', () => resolve('failed'));
    child.once('close', (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      resolve(isLate ? 'late' : code === 0 ? 'done' : 'failed');
    });
  });
}
