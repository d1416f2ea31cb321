/** The whole app as its users start it: the headless host as a process of its own, and Chromium in front of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { errorFromReport } from '../../../preload/contract/errors.ts';
import type { AppClient } from '../../../preload/contract/index.ts';
import type { Cleanup } from '../../support/cleanup.ts';
import { temporaryFolder as makeFolder } from '../../support/temporary-folder.ts';

const hostFile = fileURLToPath(new URL('../../../main/hosts/headless.ts', import.meta.url));
const hostWithFolders = fileURLToPath(new URL('host-with-folders.ts', import.meta.url));
const hostWithScript = fileURLToPath(new URL('host-with-script.ts', import.meta.url));
const browserFile = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const startLimitMs = 120_000;

/** Why no browser test can run here, or false. */
export const noBrowser: string | false =
  !existsSync(browserFile) && `no Chromium at ${browserFile}; CHROMIUM_PATH may name one`;

type CallName = {
  [K in keyof AppClient]: ReturnType<AppClient[K]> extends Promise<unknown> ? K : never;
}[keyof AppClient];

export interface RunningApp {
  readonly profile: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Asks the app beside the page, to prepare or to check. */
  call<K extends CallName>(
    name: K,
    input: Parameters<AppClient[K]>[0],
  ): Promise<Awaited<ReturnType<AppClient[K]>>>;
  /** Every event of a stream, once it has ended. */
  drain(name: Exclude<keyof AppClient, CallName>, input: unknown): Promise<unknown[]>;
  /** Ends the host in order, or by kill -9, and starts it again on the same profile. */
  restart(how?: { kill?: boolean; between?: () => void | Promise<void> }): Promise<void>;
  /** Faults of the page so far: exceptions, errors on the console, breaches of the security policy. */
  readonly faults: string[];
}

export interface StartOptions {
  profile?: string;
  /** Begin as a newcomer; default: the first screen has been seen. */
  isFirstRun?: boolean;
  width?: number;
  height?: number;
  /** Pixels of the screen for each of the page; default 1. */
  pixelRatio?: number;
  colorScheme?: 'light' | 'dark';
  /** Of the browser. */
  language?: string;
  /** The folder that a person chooses in every dialog; default: the host has no dialogs. */
  chosenFolder?: string;
  /** Where the app's processes put temporary files; default: the system's folder. */
  temporaryFolder?: string;
  /** The engine's contract is spoken by test/support/scripted-engine-child.ts; default: the real engine. */
  isScripted?: boolean;
}

export async function startApp(t: Cleanup, options: StartOptions = {}): Promise<RunningApp> {
  const removals: (() => unknown)[] = [];
  const profile = options.profile ?? (await makeFolder({ after: (undo) => removals.push(undo) }));
  let host = await startHost(profile, options);
  const browser: Browser = await chromium
    .launch({
      executablePath: browserFile,
      args: ['--headless', '--no-sandbox', '--disable-gpu'],
      timeout: startLimitMs,
    })
    .catch(async (error: unknown) => {
      await stopHost(host.process);
      throw error;
    });
  t.after(async () => {
    try {
      await browser.close();
    } finally {
      await stopHost(host.process);
      for (const remove of removals) await remove();
    }
  });
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 860 },
    deviceScaleFactor: options.pixelRatio ?? 1,
    colorScheme: options.colorScheme ?? 'light',
    locale: options.language ?? 'en-US',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000); // a busy machine converts the embedded model that long
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // A request that a restart of the host cuts off is told by the browser too, and is no fault.
    if (message.type() === 'error' && !/net::ERR_|favicon/.test(message.text() + message.location().url)) {
      faults.push(`${message.text()} ${message.location().url}`);
    }
  });

  const drain = (name: string, input: unknown) => ask(host.address, name, input);
  const app: RunningApp = {
    profile,
    context,
    page,
    faults,
    async call(name, input) {
      const [answer] = await drain(name, input);
      return answer as never;
    },
    drain,
    async restart({ kill = false, between } = {}) {
      if (kill) host.process.kill('SIGKILL');
      await stopHost(host.process);
      await between?.();
      host = await startHost(profile, options);
      await page.goto(host.address);
    },
  };
  if (!options.isFirstRun) await app.call('updateSettings', { patch: { firstRunDone: true } });
  await page.goto(host.address);
  return app;
}

interface Host {
  process: ChildProcess;
  /** With the token. */
  address: string;
}

async function startHost(profile: string, options: StartOptions): Promise<Host> {
  const { chosenFolder, isScripted, temporaryFolder } = options;
  const file = isScripted ? hostWithScript : chosenFolder ? hostWithFolders : hostFile;
  const child = spawn(process.execPath, [file], {
    env: {
      ...process.env,
      INTERNVL_HOME: profile,
      ...(chosenFolder && { CHOSEN_FOLDER: chosenFolder }),
      ...(temporaryFolder && { TMPDIR: temporaryFolder, TEMP: temporaryFolder }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(line)?.[0];
    if (!address) continue;
    clearTimeout(limit);
    child.stdout!.resume();
    return { process: child, address };
  }
  throw new Error('The host ended before it told its address.');
}

async function stopHost(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGINT');
  await gone;
}

async function ask(address: string, name: string, input: unknown): Promise<unknown[]> {
  const { origin, searchParams } = new URL(address);
  const response = await fetch(`${origin}/api/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${searchParams.get('token')}` },
    body: JSON.stringify(input),
  });
  const values: unknown[] = [];
  for (const line of (await response.text()).trim().split('\n')) {
    const frame = JSON.parse(line);
    if (frame.kind === 'error') throw errorFromReport(frame.payload);
    if (frame.kind === 'value') values.push(frame.payload);
  }
  return values;
}
