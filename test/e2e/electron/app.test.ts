/** The app in a real Electron: its life, its borders, a file dropped from the desktop, an answer, stop and restart. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { webPreferences } from '../../../main/shell/web-preferences.ts';
import { childrenOf, isRunning, untilGone } from '../../support/child-liveness.ts';
import { buildForStandIn } from '../../support/electron-22/build-for-stand-in.ts';
import { findStandIn } from '../../support/electron-22/find-stand-in.ts';
import {
  installApp,
  openApp,
  type StandInApp,
  startAgain,
  startScreen,
} from '../../support/electron-22/stand-in-app.ts';
import { eventually } from '../support/eventually.ts';
import { ask, askAndStop, lookAround, tryForbidden, tryToLeave } from './page-scripts.ts';

const standIn = findStandIn();
const receipt = fileURLToPath(new URL('../../../assets/samples/receipt.png', import.meta.url));
const answerMs = 90_000;
/** Far above the 3 s within which a busy machine's children are ended. */
const goneMs = 20_000;

describe('the app in Electron', { skip: !standIn && 'there is no Electron here' }, () => {
  if (!standIn) return;
  const folder = mkdtempSync(join(tmpdir(), 'internvl-electron-'));
  const profile = join(folder, 'profile');
  let screen: Awaited<ReturnType<typeof startScreen>>;
  let app: StandInApp;
  const open = async (words: string[] = []) => {
    app = await openApp(standIn, { profile, display: screen.display, words });
    app.page.setDefaultTimeout(90_000);
    await app.page
      .getByRole('textbox', { name: 'Question' })
      .or(app.page.getByRole('heading'))
      .first()
      .waitFor();
  };
  const quit = () => app.electron.close();

  before(async () => {
    screen = await startScreen();
    await buildForStandIn(join(folder, 'app'));
    installApp(standIn, join(folder, 'app'));
    await open();
    await app.page.evaluate(ask, ['updateSettings', { patch: { firstRunDone: true } }] as const);
    await app.page.reload();
  });
  after(async () => {
    await quit().catch(() => {});
    screen.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });

  it('opens its page from app:// under the strict policy, with the bridge and nothing of Node', async () => {
    assert.equal(app.page.url(), 'app://internvl/');
    const seen = await app.page.evaluate(lookAround);
    assert.match(seen.policy ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.deepEqual(seen.bridge, ['offerFile', 'onFrame', 'post']);
    assert.deepEqual(seen.node, []);
  });

  it('gives its window the preferences that were decided on', async () => {
    const used = await app.electron.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): object;
      };
      return contents.getLastWebPreferences() as Record<string, unknown>;
    });
    // Electron 22 gives back only those that it keeps under these names.
    const kept = Object.entries(webPreferences).filter(([name]) => name in used);
    assert.ok(kept.length >= 6, `${kept.length} were given back`);
    for (const [name, value] of kept) assert.equal(used[name], value, name);
    assert.deepEqual([used.sandbox, used.contextIsolation, used.nodeIntegration], [true, true, false]);
  });

  it('runs no inline script, no eval, and fetches nothing from elsewhere', async () => {
    const outcome = await app.page.evaluate(tryForbidden);
    assert.deepEqual(outcome, { inline: false, evaluated: 'refused', fetched: 'refused' });
  });

  it('takes a file dropped from the desktop and streams the answer about it', async () => {
    await dropFile(app.page, receipt);
    await app.page.getByText('receipt.png').first().waitFor();
    await app.page.getByRole('textbox', { name: 'Question' }).fill('What is the total?');
    await app.page.getByRole('button', { name: 'Send', exact: true }).click();
    await app.page.getByText('84.78').first().waitFor({ timeout: answerMs });
  });

  it('stops an answer and keeps its text', async () => {
    const ended = await app.page.evaluate(askAndStop);
    assert.equal(ended.state, 'stopped');
  });

  it('tells a second instance to leave, and opens its files itself', async () => {
    const second = startAgain(standIn, { profile, display: screen.display, words: [receipt] });
    const [code] = (await once(second, 'exit')) as [number];
    assert.equal(code, 0);
    assert.ok(isRunning(app.pid));
  });

  it('quits in order, leaves no process behind, and remembers the conversation and the window', async () => {
    const before = await app.page.evaluate(ask, ['listConversations', {}] as const);
    const children = descendantsOf(app.pid);
    await app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 30, width: 900, height: 700 }),
    );
    await quit();
    for (const pid of children) await untilGone(pid, goneMs);
    await open();
    const again = await app.page.evaluate(ask, ['listConversations', {}] as const);
    assert.deepEqual(again, before);
    const bounds = await app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.getNormalBounds(),
    );
    assert.deepEqual([bounds?.width, bounds?.height], [900, 700]);
  });

  it('takes its children along when it is killed, and starts again on the same profile', async () => {
    const children = descendantsOf(app.pid);
    process.kill(app.pid, 'SIGKILL');
    for (const pid of children) await untilGone(pid, goneMs);
    await open();
    await eventually(async () => {
      const described = (await app.page.evaluate(ask, ['describeApp', {}] as const)) as { store: string }[];
      assert.equal(described[0]?.store, 'ready');
    });
  });

  it('neither navigates away nor opens windows', async () => {
    // The question to the person is answered with "no", as nobody is there.
    await app.electron.evaluate(({ dialog }) => {
      const asked: string[] = [];
      Object.assign(globalThis, { asked });
      dialog.showMessageBox = (async (...args: unknown[]) => {
        asked.push((args.at(-1) as { detail: string }).detail);
        return { response: 0, checkboxChecked: false };
      }) as typeof dialog.showMessageBox;
    });
    await app.page.evaluate(tryToLeave).catch(() => {});
    // Both have been refused once the person was asked about both.
    await eventually(async () => {
      const asked = await app.electron.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
      assert.deepEqual(asked.sort(), ['https://example.org/navigation', 'https://example.org/window']);
    });
    assert.equal(app.page.url(), 'app://internvl/');
    assert.equal(app.electron.windows().length, 1);
  });
});

/** As the desktop does it: with a path, which no script of a page can make up. */
async function dropFile(page: Page, path: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const at = { x: 500, y: 400, data: { items: [], files: [path], dragOperationsMask: 1 } };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, ...at });
}

/** Every process below one. */
function descendantsOf(pid: number): number[] {
  const direct = childrenOf(pid).filter((child) => child > 0);
  return [...direct, ...direct.flatMap(descendantsOf)];
}
