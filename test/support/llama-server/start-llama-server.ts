/** llama.cpp's own HTTP server from a PyPI wheel, in a pinned environment of its own, with the embedded model written for it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Cleanup } from '../cleanup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const run = promisify(execFile);
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const environment = join(root, '.cache', 'llama-server');
const checkpoint = join(root, 'assets', 'embedded-model');

export interface LlamaServer {
  url: string;
  key: string;
  /** Until it listens, model loaded. */
  startMs: number;
}

/** Written once: 50 MB of wheels. @returns the environment's Python */
async function pinnedPython(): Promise<string> {
  const python = (folder: string) =>
    process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  if (
    await access(join(environment, 'ready')).then(
      () => true,
      () => false,
    )
  )
    return python(environment);
  await rm(environment, { recursive: true, force: true });
  await mkdir(join(root, '.cache'), { recursive: true });
  await run('python3', ['-m', 'venv', environment]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:'];
  await run(python(environment), [...pip, '-r', file('requirements.txt')]);
  await mkdir(join(environment, 'ready.new'));
  await rename(join(environment, 'ready.new'), join(environment, 'ready'));
  return python(environment);
}

export async function startLlamaServer(t: Cleanup): Promise<LlamaServer> {
  const python = await pinnedPython();
  const folder = await temporaryFolder(t);
  await run(python, [file('make_gguf.py'), checkpoint, folder]);
  const startedAt = performance.now();
  const key = 'a-key-for-this-test';
  const models = [join(folder, 'text.gguf'), join(folder, 'vision.gguf')];
  const server = spawn(python, [file('serve.py'), ...models], {
    env: { ...process.env, LLAMA_KEY: key },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.after(() => stop(server));
  for await (const url of createInterface({ input: server.stdout })) {
    if (url.startsWith('http')) return { url, key, startMs: performance.now() - startedAt };
  }
  throw new Error('llama.cpp’s server ended before it told its address.');
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const gone = once(server, 'exit');
  server.stdin?.end();
  await gone;
}
