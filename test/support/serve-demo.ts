/** `npm run serve` as a process of its own, with the demo model, the real engine and a fresh profile. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServedDemo {
  /** Ends in /v1. */
  url: string;
  stop(): Promise<void>;
}

export async function serveDemo(token: string): Promise<ServedDemo> {
  const home = await mkdtemp(join(tmpdir(), 'internvl-test-'));
  const entry = join(import.meta.dirname, '../../main/cli/serve.ts');
  const server = spawn(process.execPath, [entry, '--server-port', '0'], {
    env: { ...process.env, INTERNVL_HOME: home, INTERNVL_API_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    server.stdout.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
      const found = /Serving (\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    server.once('exit', (code) => reject(new Error(`serve ended with ${code}`)));
  });
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}
