/** What is pasted into a temporary conversation is asked about, shown and gone, and never touched the disk on its way. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { chatPage, sampleFile } from './support/chat-page.ts';
import { eventually } from './support/eventually.ts';
import { noBrowser, startApp } from './support/running-app.ts';

test('a temporary conversation writes neither files nor words, not even for a moment', {
  skip: noBrowser,
}, async (t) => {
  const temporary = await temporaryFolder(t);
  const app = await startApp(t, { temporaryFolder: temporary });
  const chat = chatPage(app.page);
  const picture = sampleFile('receipt.png');
  const pixels = Buffer.from(picture.bytes).subarray(60, 160);
  const words = 'What is the total, zebrafinch?';

  // A file that is made and deleted between two looks is still noticed by its name.
  const touched = new Set<string>();
  const watchers = [app.profile, temporary].map((folder) =>
    watch(folder, { recursive: true }, (_, name) => void touched.add(name ?? '')),
  );
  t.after(() => {
    for (const watcher of watchers) watcher.close();
  });
  const filesTouched = () =>
    [...touched].filter((name) => /uploads|attachments|caches.|^internvl|\.(png|tmp)$/.test(name));
  const filesWith = (needle: Uint8Array | string) =>
    [app.profile, temporary].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => existsSync(path) && readFileSync(path).includes(needle)),
    );

  await app.page.getByRole('button', { name: 'Temporary conversation' }).click();
  await app.page.getByText('Temporary', { exact: true }).first().waitFor();
  await chat.paste(picture);
  await chat.file('receipt.png').locator('img').waitFor();
  await chat.drop({ ...picture, name: 'again.png' });
  await chat.file('again.png').locator('img').waitFor();
  await chat.composer.getByRole('button', { name: 'Remove again.png' }).click();
  assert.match(await chat.ask(words), /84\.78/);
  await app.page.waitForTimeout(600); // a draft would be written by now
  assert.deepEqual(filesTouched(), []);
  assert.deepEqual(filesWith(pixels), []);
  assert.deepEqual(filesWith('zebrafinch'), []);

  await t.test('what is kept is found by the same looks (negative control)', async () => {
    await app.page.getByRole('button', { name: 'New conversation', exact: true }).click();
    await chat.paste(picture);
    await chat.file('receipt.png').locator('img').waitFor();
    await chat.ask(words);
    await eventually(() => {
      assert.ok(filesTouched().some((name) => name.startsWith('uploads')));
      assert.notDeepEqual(filesWith(pixels), []);
      assert.notDeepEqual(filesWith('zebrafinch'), []);
    });
  });
  assert.deepEqual(app.faults, []);
});
