/** Settings hold, languages switch, first steps teach, and a damaged store comes back. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import Database from 'better-sqlite3';
import { chatPage } from './support/chat-page.ts';
import { eventually } from './support/eventually.ts';
import { settingsPage } from './support/library-pages.ts';
import { noBrowser, startApp } from './support/running-app.ts';
import { sidebarPage } from './support/sidebar-page.ts';

test('what a person sets is there after a restart', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  const settings = settingsPage(app.page);
  await settings.open();
  await settings.dialog.getByText('Dark', { exact: true }).click();
  await settings.section('Answers');
  await settings.dialog.getByRole('textbox', { name: 'Temperature' }).fill('0.7');
  await settings.dialog.getByRole('button', { name: 'Add a preset' }).click();
  await settings.dialog.getByRole('textbox', { name: 'Name' }).fill('Read tables');
  await settings.dialog.getByRole('textbox', { name: 'System text' }).fill('Answer with a Markdown table.');
  await settings.dialog.getByRole('button', { name: 'Save preset' }).click();
  const checkKept = async () => {
    const { theme, sampling, presets } = await app.call('getSettings', {});
    assert.deepEqual(
      { theme, sampling, presets },
      {
        theme: 'dark',
        sampling: { temperature: 0.7 },
        presets: [{ name: 'Read tables', systemText: 'Answer with a Markdown table.', sampling: {} }],
      },
    );
  };
  await eventually(checkKept);
  await settings.close();
  await app.restart();
  await checkKept();
  await sidebarPage(app.page).root.waitFor();
  await app.page.locator('html[data-mantine-color-scheme=dark]').waitFor();
  assert.deepEqual(app.faults, []);
});

test('the language changes at once, in the page and in its lang attribute', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const settings = settingsPage(app.page);
  await settings.open();
  const language = settings.dialog.locator('select').first();
  await language.selectOption('de');
  await app.page.getByText('Aussehen und Sprache').first().waitFor();
  await app.page.locator('html[lang=de]').waitFor();
  await language.selectOption('zh');
  await app.page.getByText('外观与语言').first().waitFor();
  await settings.close();
  await app.page.getByRole('button', { name: '新建对话' }).waitFor();
});

test('a newcomer learns what this is, and a sample with its question is one click away', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isFirstRun: true });
  await app.page.getByRole('heading', { name: 'Ask your documents, pictures and films' }).waitFor();
  await app.page.getByText('Nothing leaves this machine').waitFor();
  await app.page.getByRole('button', { name: /What is the total\?/ }).click();
  await chatPage(app.page).file('receipt.png').waitFor();
  await chatPage(app.page).send.click();
  await app.page.getByRole('main').getByText('84.78').first().waitFor();
  await app.restart();
  await sidebarPage(app.page).row('What is the total?').waitFor();
  assert.deepEqual(app.faults, []);
});

test('a damaged store is told, repaired on a click, and its messages are back', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  for (const title of ['Alpha', 'Beta', 'Gamma']) {
    const { id } = await app.call('createConversation', {});
    await app.call('updateConversation', { id, patch: { title } });
  }
  await app.restart({ between: () => spoilPages(join(app.profile, 'conversations.db')) });
  await app.page.getByRole('heading', { name: 'Your conversations can’t be opened' }).waitFor();
  await app.page.getByText('The database is damaged').waitFor();
  await app.page.getByRole('button', { name: 'Repair now' }).click();
  await app.page.getByText('Repaired', { exact: true }).waitFor();
  assert.equal(readdirSync(join(app.profile, 'damaged')).length, 1, 'the damaged file is kept aside');
  await app.page.getByRole('button', { name: 'Go on' }).click();
  await sidebarPage(app.page).root.waitFor();
  assert.equal((await app.call('describeApp', {})).store, 'ready');
});

test('a store of a newer version is left alone, and opens again when it is as it was', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const path = join(app.profile, 'conversations.db');
  let version = 0;
  await app.restart({
    between() {
      version = setVersion(path, 9999);
    },
  });
  await app.page.getByText('A newer version of the app wrote these conversations').waitFor();
  assert.equal(await app.page.getByRole('button', { name: 'Repair now' }).count(), 0);
  await app.page.getByRole('button', { name: 'Look again' }).click();
  await app.page.getByText('Nothing has changed yet.').waitFor();
  assert.equal(setVersion(path, version), 9999, 'nobody touched it');
  await app.page.getByRole('button', { name: 'Look again' }).click();
  await sidebarPage(app.page).root.waitFor();
});

/** @returns the version before */
function setVersion(path: string, version: number): number {
  const db = new Database(path);
  try {
    const before = db.pragma('user_version', { simple: true }) as number;
    db.pragma(`user_version = ${version}`);
    return before;
  } finally {
    db.close();
  }
}

/** Zeroes a stretch behind the first page, as a failing disk does. */
function spoilPages(path: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(8192), 0, 8192, 3 * 4096);
  closeSync(file);
}
