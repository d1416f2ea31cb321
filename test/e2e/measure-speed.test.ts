/** "Measure on this machine": a short turn of a model, its figures on the card, and still there after a restart. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { assertAccessible } from './support/check-accessibility.ts';
import { noBrowser, startApp } from './support/running-app.ts';

test('a model reads a page and writes a little, and its card shows how fast it was', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const openLibrary = async () => {
    await app.page.getByRole('button', { name: 'Models', exact: true }).click();
    return app.page.getByRole('dialog', { name: 'Models' }).getByRole('article', { name: 'Demo' });
  };
  const demo = await openLibrary();
  await demo.getByRole('button', { name: 'Measure on this machine: Demo' }).click();
  const figures = /^Measured here, on cpu: a page in [\d.]+ s, [\d.,]+ tokens\/s\.$/;
  await demo.getByText(figures).waitFor({ timeout: 60_000 });
  await assertAccessible(app.page);
  const [demoModel] = (await app.call('listModels', {})).models;
  const measured = demoModel?.measured;
  assert.ok(measured && measured.pageSeconds > 0 && measured.tokensPerSecond > 0);
  assert.deepEqual(
    (await app.call('listConversations', {})).conversations,
    [],
    'nothing is kept of the turn',
  );
  await app.restart();
  await (await openLibrary()).getByText(figures).waitFor();
  assert.deepEqual(app.faults, []);
});
