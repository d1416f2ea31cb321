/** Everything goes out as a file and comes back from it. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { askAboutSample } from './support/ask-about-sample.ts';
import { exchangePage } from './support/library-pages.ts';
import { noBrowser, startApp } from './support/running-app.ts';
import { sidebarPage } from './support/sidebar-page.ts';

test('an archive brings conversations with their pictures into an empty app, and never twice', {
  skip: noBrowser,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'all.zip');
  const first = await startApp(t);
  const id = await askAboutSample(first, 'receipt.png');
  const before = await first.call('listMessages', { conversationId: id });
  const exported = await exchangePage(first.page).exportAll(/Archive/);
  assert.match(exported.fileName, /\.zip$/);
  copyFileSync(exported.path, file);
  await exchangePage(first.page).importFile(file);
  await first.page.getByText('1 conversation was here already.').waitFor();

  const second = await startApp(t);
  const exchange = exchangePage(second.page);
  await exchange.importFile(file);
  await exchange.dialog.getByText('1 conversation imported').waitFor();
  await exchange.dialog.getByText('2 messages').waitFor();
  await exchange.dialog.getByText('1 file', { exact: true }).waitFor();
  await exchange.dialog.getByRole('button', { name: 'Show the first' }).click();
  await second.page.getByRole('main').getByText('84.78').first().waitFor();
  const after = await second.call('listMessages', { conversationId: id });
  assert.deepEqual(
    after.messages.map(({ role, parts }) => ({ role, parts })),
    before.messages.map(({ role, parts }) => ({ role, parts })),
  );
  assert.deepEqual([...first.faults, ...second.faults], []);
});

test('one conversation is exported as a web page that stands alone', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  await askAboutSample(app, 'receipt.png');
  await sidebarPage(app.page).menu('What is the total?', 'Export…');
  const dialog = app.page.getByRole('dialog');
  const [download] = await Promise.all([
    app.page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save file' }).click(),
  ]);
  const text = readFileSync(await download.path(), 'utf8');
  assert.match(text, /84\.78/);
  assert.match(text, /data:image\/png;base64,/);
  assert.doesNotMatch(text, /(src|href)="https?:/);
});

test('a file that is no archive is refused with a reason, and nothing changes', {
  skip: noBrowser,
}, async (t) => {
  const file = join(await temporaryFolder(t), 'holiday.zip');
  writeFileSync(file, 'not a zip at all');
  const app = await startApp(t);
  const exchange = exchangePage(app.page);
  await exchange.importFile(file);
  await exchange.dialog.getByText('Nothing was imported.').waitFor();
  assert.deepEqual((await app.call('listConversations', {})).conversations, []);
});
