/** The app in the stand-in, driven by Playwright: opened on a profile of its own, with a screen nobody sees. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { StandIn } from './find-stand-in.ts';

export interface StandInApp {
  electron: ElectronApplication;
  page: Page;
  /** Of Electron's main process. */
  pid: number;
}

/** A screen for as long as the tests run. */
export async function startScreen(): Promise<{ display: string; stop: () => void }> {
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [number] = (await once(server.stdout, 'data')) as [Buffer];
  return { display: `:${number.toString().trim()}`, stop: () => void server.kill() };
}

/** Electron takes `resources/app` for its app. */
export function installApp({ folder }: StandIn, appFolder: string): void {
  const assets = fileURLToPath(new URL('../../../assets', import.meta.url));
  for (const [name, target] of [
    ['app', appFolder],
    ['assets', assets],
  ] as const) {
    const link = join(folder, 'resources', name);
    if (existsSync(link) || lstatSync(link, { throwIfNoEntry: false })) rmSync(link, { recursive: true });
    symlinkSync(target, link);
  }
}

export async function openApp(
  standIn: StandIn,
  options: { profile: string; display: string; words?: string[] },
): Promise<StandInApp> {
  const electron = await _electron.launch({
    executablePath: standIn.program,
    args: [...flags, ...(options.words ?? [])],
    env: environment(options),
    timeout: 20_000,
  });
  const page = await electron.firstWindow();
  page.on('pageerror', (error) => process.stderr.write(`The page: ${error.message}\n`));
  return { electron, page, pid: electron.process().pid ?? 0 };
}

/** Without Playwright, as a person starts it a second time. */
export function startAgain(
  standIn: StandIn,
  options: { profile: string; display: string; words?: string[] },
): ChildProcess {
  return spawn(standIn.program, [...flags, ...(options.words ?? [])], {
    env: environment(options),
    stdio: 'ignore',
  });
}

/** The tests may run as root, in a container without a GPU. The product never adds these. */
const flags = ['--no-sandbox', '--disable-gpu'];

function environment({ profile, display }: { profile: string; display: string }): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !name.startsWith('NODE_'),
  );
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    DISPLAY: display,
    INTERNVL_HOME: profile,
    INTERNVL_TEST_NODE: process.execPath,
  };
}
