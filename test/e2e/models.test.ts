/** Models: what is here, loading and freeing, and a checkpoint that becomes one. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { startMockHub } from '../support/mock-hub.ts';
import { assertAccessible } from './support/check-accessibility.ts';
import { eventually } from './support/eventually.ts';
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
  await demo.getByText('Loaded', { exact: true }).waitFor();
  await eventually(async () => assert.equal((await app.call('getModelState', {})).state, 'ready'));
  await demo.getByRole('button', { name: 'Free its memory' }).click();
  await demo.getByRole('button', { name: 'Load Demo' }).waitFor();
  await eventually(async () => assert.equal((await app.call('getModelState', {})).state, 'unloaded'));
  assert.deepEqual(app.faults, []);
});

test('a checkpoint folder is converted with progress, checked, loaded and deleted', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { chosenFolder: checkpoint });
  const library = await openLibrary(app);
  await library.getByRole('combobox', { name: 'Precision' }).selectOption('int8');
  await library.getByRole('button', { name: 'Choose a folder' }).click();
  await library.getByText(/is ready to use/).waitFor();
  await library.getByRole('button', { name: 'Load it now' }).click();
  const converted = library.getByRole('article').filter({ hasNotText: 'Built in' });
  await converted.getByText('Loaded', { exact: true }).waitFor();
  await converted.getByRole('button', { name: /^Check the files/ }).click();
  await converted.getByText('All files are as they were written.').waitFor();
  const { models } = await app.call('listModels', {});
  assert.equal(models.filter(({ isDemo }) => !isDemo).length, 1);
  await converted.getByRole('button', { name: 'Delete' }).click();
  await app.page
    .getByRole('dialog', { name: /^Delete/ })
    .getByRole('button', { name: 'Delete' })
    .click();
  await library.getByRole('article').nth(1).waitFor({ state: 'detached' });
  await eventually(async () => assert.equal((await app.call('listModels', {})).models.length, 1));
  assert.deepEqual(app.faults, []);
});

test('a model is looked at, downloaded with pause and going on, and one that can’t run says why', {
  skip: noBrowser,
}, async (t) => {
  const names = await readdir(checkpoint);
  const files = names.map(async (name) => [name, await readFile(join(checkpoint, name))] as const);
  const hub = await startMockHub(Object.fromEntries(await Promise.all(files)));
  t.after(() => hub.close());
  process.env.HF_ENDPOINT = hub.origin;
  t.after(() => delete process.env.HF_ENDPOINT);
  const app = await startApp(t);
  const library = await openLibrary(app);
  await library.getByText('Best for this computer').waitFor();
  await app.call('updateModelSettings', { patch: { bytesPerSecond: 500_000 } });
  const field = library.getByRole('textbox', { name: /^Any model/ });
  await field.fill('owner/name');
  await library.getByRole('button', { name: 'Look' }).click();
  const found = library.getByRole('region', { name: 'owner/name' });
  await found.getByText('licence: mit').waitFor();
  await assertAccessible(app.page);
  await found.getByRole('button', { name: 'Download and convert' }).click();
  const job = library.getByRole('region', { name: 'Adding owner/name' });
  await job.getByText(/left/).waitFor();
  await job.getByRole('button', { name: 'Pause owner/name' }).click();
  await job.getByText(/Paused/).waitFor();
  await assertAccessible(app.page);
  await app.restart({ kill: true });
  const again = await openLibrary(app);
  await app.call('updateModelSettings', { patch: { bytesPerSecond: null } });
  await again.getByRole('button', { name: 'Go on with owner/name' }).click();
  await again.getByText('owner/name is ready to use').waitFor();

  hub.files.set('config.json', new TextEncoder().encode('{"model_type":"llama"}'));
  await again.getByRole('textbox', { name: /^Any model/ }).fill(`${hub.origin}/owner/name`);
  await again.getByRole('button', { name: 'Look' }).click();
  await again.getByText('This model can’t run here').waitFor();
  await hub.close();
  await again.getByRole('textbox', { name: /^Any model/ }).fill('owner/other');
  await again.getByRole('button', { name: 'Look' }).click();
  await again.getByText(/could not be reached/).waitFor();
  assert.deepEqual(app.faults, []);
});

test('without dialogs the library says how to go on in a terminal', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  const library = await openLibrary(app);
  await library.getByText(/cli -- models import FOLDER/).waitFor();
  assert.equal(await library.getByRole('button', { name: 'Choose a folder' }).count(), 0);
});
