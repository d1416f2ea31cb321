/** Builds what `npm start` needs and what is missing or older than its sources. */
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';

const require = createRequire(import.meta.url);

export interface BuildTarget {
  /** A file that the build writes. */
  product: string;
  /** Folders and files that it is made of. */
  sources: string[];
  config: string;
  mode?: string;
}

const page: BuildTarget = {
  product: 'dist/renderer/index.html',
  sources: ['renderer', 'preload/contract', 'vite.config.ts', 'package-lock.json'],
  config: 'vite.config.ts',
};

const shell: BuildTarget = {
  product: 'dist/shell/index.cjs',
  sources: ['main', 'preload', 'vite.main.config.ts', 'package-lock.json'],
  config: 'vite.main.config.ts',
  mode: 'shell',
};

const children: BuildTarget = {
  product: 'dist/children/service.mjs',
  sources: ['main', 'preload/contract', 'native-models', 'vite.main.config.ts', 'package-lock.json'],
  config: 'vite.main.config.ts',
  mode: 'children',
};

/** @param what the headless host runs from source and needs the page alone */
export async function buildApp(
  root: string,
  what: 'page' | 'app',
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  for (const target of what === 'page' ? [page] : [page, shell, children]) {
    if (signal.aborted || !(await isStale(root, target))) continue;
    say(`Building ${target === page ? 'the page' : 'the app'}, once…`);
    await runVite(root, target, signal);
  }
}

/** Whether a product is missing or older than any of its sources. */
async function isStale(root: string, { product, sources }: BuildTarget): Promise<boolean> {
  const built = await stat(join(root, product)).catch(() => null);
  if (!built) return true;
  for (const source of sources) if ((await newestMs(join(root, source))) > built.mtimeMs) return true;
  return false;
}

async function newestMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const names = await readdir(path);
  const times = await Promise.all(names.map((name) => newestMs(join(path, name))));
  return Math.max(found.mtimeMs, ...times);
}

function runVite(root: string, { config, mode }: BuildTarget, signal: AbortSignal): Promise<void> {
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js');
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [vite, 'build', '--config', config, ...(mode ? ['--mode', mode] : []), '--logLevel', 'warn'],
      {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
        windowsHide: true,
      },
    );
    const stop = () => child.kill();
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (code === 0 || signal.aborted) resolve();
      else reject(new AppError('internal', 'The app could not be built. Run "npm run build" to see why.'));
    });
  });
}
