/** Finding what was once said, on the real engine's answers. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { askAboutSample } from './support/ask-about-sample.ts';
import { eventually } from './support/eventually.ts';
import { searchPage } from './support/library-pages.ts';
import { noBrowser, startApp } from './support/running-app.ts';
import { sidebarPage } from './support/sidebar-page.ts';

test('words are found in questions and answers, marked, and lead to the message', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  await askAboutSample(app, 'receipt.png');
  await askAboutSample(app, 'word.png');
  const search = searchPage(app.page);
  await search.open();
  await search.search('camer');
  // The answer of the model, by the beginning of its word.
  await eventually(async () =>
    assert.deepEqual(await search.hits.locator('mark').allTextContents(), ['CAMER']),
  );
  assert.equal(await search.hits.count(), 1);
  await app.page.keyboard.press('Enter');
  await app.page.getByRole('dialog').waitFor({ state: 'detached' });
  await app.page.getByRole('main').getByText('CAMERA').first().waitFor();
  await sidebarPage(app.page).root.locator('[aria-current=page]').waitFor();
  assert.deepEqual(app.faults, []);
});

test('an empty search teaches, and one without hits says so and what to try', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const search = searchPage(app.page);
  await search.open();
  await app.page.getByText('Find any question or answer').waitFor();
  await search.search('zebra');
  await app.page.getByText('Nothing found for “zebra”').waitFor();
});

test('the archive is searched, left out, or searched alone', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  for (const [title, archived] of [
    ['Kept rent', false],
    ['Old rent', true],
  ] as const) {
    const { id } = await app.call('createConversation', {});
    await app.call('updateConversation', { id, patch: { title, archived } });
  }
  const search = searchPage(app.page);
  await search.open();
  await search.search('rent');
  const expectHits = async (archive: string, titles: string[]) => {
    await app.page.getByRole('combobox', { name: 'Archive' }).selectOption(archive);
    await eventually(async () => {
      const found = await search.hits.allTextContents();
      assert.deepEqual(found.map((text) => text.slice(0, 8).trim()).sort(), titles);
    });
  };
  await expectHits('with', ['Kept ren', 'Old rent']);
  await expectHits('without', ['Kept ren']);
  await expectHits('only', ['Old rent']);
});
