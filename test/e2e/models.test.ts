/** Models: what is here, loading and freeing, and a checkpoint that becomes one. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { noBrowser, type RunningApp, startApp } from './support/running-app.ts';

/** A real checkpoint, and a small one. */
const checkpoint = join(import.meta.dirname, '..', '..', 'assets', 'embedded-model');

async function openLibrary(app: RunningApp) {
  await app.page.getByRole('button', { name: 'Models', exact: true }).click();
  const library = app.page.getByRole('dialog', { name: 'Models' });
  await library.getByRole('article', { name: 'Demo' }).waitFor();
  return library;
}

test('the demo says what it can’t do, is loaded, and frees its memory again', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const library = await openLibrary(app);
  const demo = library.getByRole('article', { name: 'Demo' });
  await demo.getByText('its answers there mean nothing').waitFor();
  await demo.getByRole('button', { name: 'Load Demo' }).click();
  await demo.getByText('Loaded', { exact: true }).waitFor({ timeout: 60_000 });
  assert.equal((await app.call('getModelState', {})).state, 'ready');
  await demo.getByRole('button', { name: 'Free its memory' }).click();
  await demo.getByRole('button', { name: 'Load Demo' }).waitFor();
  assert.equal((await app.call('getModelState', {})).state, 'unloaded');
  assert.deepEqual(app.faults, []);
});

test('a checkpoint folder is converted with progress, loaded, picked and deleted', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { chosenFolder: checkpoint });
  const library = await openLibrary(app);
  await library.getByRole('combobox', { name: 'Precision' }).selectOption('int8');
  await library.getByRole('button', { name: 'Choose a checkpoint folder' }).click();
  await library.getByText(/is ready to use/).waitFor({ timeout: 60_000 });
  await library.getByRole('button', { name: 'Load it now' }).click();
  const converted = library.getByRole('article').filter({ hasNotText: 'Built in' });
  await converted.getByText('Loaded', { exact: true }).waitFor({ timeout: 60_000 });
  const { models } = await app.call('listModels', {});
  assert.equal(models.filter(({ isDemo }) => !isDemo).length, 1);
  await converted.getByRole('button', { name: 'Delete' }).click();
  await app.page
    .getByRole('dialog', { name: /^Delete/ })
    .getByRole('button', { name: 'Delete' })
    .click();
  await library.getByRole('article').nth(1).waitFor({ state: 'detached' });
  assert.equal((await app.call('listModels', {})).models.length, 1);
  assert.deepEqual(app.faults, []);
});

test('without dialogs the library says how to go on in a terminal', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  const library = await openLibrary(app);
  await library.getByText(/cli -- convert CHECKPOINT/).waitFor();
  assert.equal(await library.getByRole('button', { name: 'Choose a checkpoint folder' }).count(), 0);
});
