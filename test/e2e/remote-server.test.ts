/** A server as a person uses it: asked, added, marked wherever it is used, and out of reach while the app stays offline. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { startMockModelServer } from '../support/mock-model-server.ts';
import { chatPage } from './support/chat-page.ts';
import { assertAccessible } from './support/check-accessibility.ts';
import { noBrowser, type RunningApp, startApp } from './support/running-app.ts';

const key = 'sk-in-the-browser';

async function start(t: TestContext) {
  const server = await startMockModelServer({ key, ownedBy: 'lmdeploy', words: ['A ', 'cat.'], pauseMs: 20 });
  t.after(() => server.close());
  const app = await startApp(t);
  return { server, app, host: new URL(server.origin).host };
}

async function openLibrary({ page }: RunningApp) {
  await page.getByRole('button', { name: 'Models', exact: true }).click();
  const library = page.getByRole('dialog', { name: 'Models' });
  const form = library.getByRole('region', { name: 'Use a server' });
  await form.waitFor();
  const ask = async (address: string, typedKey: string) => {
    await form.getByLabel('Address').fill(address);
    await form.getByRole('textbox', { name: 'Key' }).fill(typedKey);
    await form.getByRole('button', { name: 'Ask the server' }).click();
  };
  return { library, form, ask };
}

test('a server is asked, added with its key, marked in the picker, the header and the answer, and removed', {
  skip: noBrowser,
}, async (t) => {
  const { app, server, host } = await start(t);
  const { library, form, ask } = await openLibrary(app);
  await form.getByRole('button', { name: 'Ask the server', disabled: true }).waitFor();
  await ask('http://gpu.example.org', key);
  await form.getByText(/by https only/).waitFor();
  await ask(server.origin, 'wrong');
  await form.getByText('The server refuses this key').waitFor();
  await ask(server.origin, key);
  const found = form.getByRole('region', { name: `LMDeploy at ${host}` });
  await found.getByLabel('Model').selectOption('OpenGVLab/InternVL3-78B');
  await found.getByText(`is sent to ${host}`).waitFor();
  await assertAccessible(app.page);
  await found.getByRole('button', { name: 'Add and use' }).click();
  const card = library.getByRole('article', { name: `InternVL3-78B · ${host}` });
  await card.getByText('In use').waitFor();
  await card.getByText('Another machine').waitFor();
  await assertAccessible(app.page);
  await library.getByRole('button', { name: 'Close' }).click();

  await app.page
    .getByRole('status')
    .filter({ hasText: `Sent to ${host}` })
    .waitFor();
  const chat = chatPage(app.page);
  await chat.ask('What is it?');
  await app.page.getByText('A cat.').waitFor();
  await app.page.getByRole('button', { name: new RegExp(`Another machine: ${host}`) }).click();
  await app.page.getByRole('cell', { name: `Another machine: ${host}` }).waitFor();
  await assertAccessible(app.page);
  await app.page.keyboard.press('Escape');
  await app.page.getByRole('button', { name: /^Model: / }).click();
  await app.page.getByRole('menuitem', { name: new RegExp(`Sent to ${host}`) }).waitFor();
  await app.page.keyboard.press('Escape');

  const again = await openLibrary(app);
  await again.library
    .getByRole('article', { name: `InternVL3-78B · ${host}` })
    .getByRole('button', { name: 'Remove' })
    .click();
  await app.page
    .getByRole('dialog', { name: /^Remove/ })
    .getByRole('button', { name: 'Remove' })
    .click();
  await again.library.getByText('Another machine').waitFor({ state: 'detached' });
  assert.ok(server.requests.some(({ authorization }) => authorization === `Bearer ${key}`));
  assert.deepEqual(app.faults, []);
});

test('the mark is there before the first question, and the offline switch keeps everything in', {
  skip: noBrowser,
}, async (t) => {
  const { app, server, host } = await start(t);
  const { id } = await app.call('addRemoteModel', {
    url: server.origin,
    key,
    model: 'OpenGVLab/InternVL3-78B',
  });
  await app.call('loadModel', { id });
  await app.restart();
  await app.page
    .getByRole('status')
    .filter({ hasText: `Sent to ${host}` })
    .waitFor();
  const { form, library } = await openLibrary(app);
  await form.getByRole('switch', { name: 'Stay offline' }).click();
  await form.getByText('no server can be asked').waitFor();
  await form.getByLabel('Address').waitFor({ state: 'detached' });
  await assertAccessible(app.page);
  await library.getByRole('button', { name: 'Close' }).click();
  const before = server.requests.length;
  await chatPage(app.page).ask('What is it?');
  await app.page
    .getByText(/set to stay offline/)
    .first()
    .waitFor();
  assert.equal(server.requests.length, before);
  assert.deepEqual(app.faults, []);
});
