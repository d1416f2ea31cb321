/** Arranging conversations: rename, pin, folders, tags, archive, delete, several at once, by mouse and by keys. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { eventually } from './support/eventually.ts';
import { noBrowser, type RunningApp, startApp } from './support/running-app.ts';
import { type SidebarPage, sidebarPage } from './support/sidebar-page.ts';

async function appWith(
  t: TestContext,
  ...titles: string[]
): Promise<{ app: RunningApp; sidebar: SidebarPage }> {
  const app = await startApp(t);
  for (const title of titles) {
    const { id } = await app.call('createConversation', {});
    await app.call('updateConversation', { id, patch: { title } });
  }
  const sidebar = sidebarPage(app.page);
  await sidebar.row(titles.at(-1)!).first().waitFor();
  return { app, sidebar };
}

/** Waits until the list shows exactly these titles. */
async function shows(sidebar: SidebarPage, titles: string[]): Promise<void> {
  await eventually(async () => assert.deepEqual(await sidebar.titles(), titles));
}

/** Waits until a conversation's row has the focus. */
async function focuses(app: RunningApp, title: string): Promise<void> {
  await eventually(async () =>
    assert.equal(await app.page.evaluate('document.activeElement?.textContent'), title),
  );
}

test('a person renames, pins and archives, and it is all there after a restart', {
  skip: noBrowser,
}, async (t) => {
  const { app, sidebar } = await appWith(t, 'Alpha', 'Beta', 'Gamma');
  await shows(sidebar, ['Gamma', 'Beta', 'Alpha']);
  await sidebar.rename('Alpha', 'Rent 2026');
  await sidebar.row('Rent 2026').waitFor();
  await sidebar.menu('Beta', 'Pin');
  await shows(sidebar, ['Beta', 'Rent 2026', 'Gamma']);
  await sidebar.menu('Gamma', 'Archive');
  await shows(sidebar, ['Beta', 'Rent 2026']);
  await app.restart();
  await shows(sidebar, ['Beta', 'Rent 2026']);
  await sidebar.view('Archive');
  await shows(sidebar, ['Gamma']);
  await sidebar.menu('Gamma', 'Take out of the archive');
  await shows(sidebar, []);
  assert.deepEqual(app.faults, []);
});

test('conversations go into folders by dragging and by menu, and folders lie in folders', {
  skip: noBrowser,
}, async (t) => {
  const { app, sidebar } = await appWith(t, 'Alpha', 'Beta', 'Gamma');
  await sidebar.newFolder('Taxes');
  await sidebar.dragTo('Alpha', 'Taxes');
  await shows(sidebar, ['Alpha', 'Gamma', 'Beta']);
  await sidebar.menu('Beta', 'Move to folder', 'Taxes');
  await shows(sidebar, ['Beta', 'Alpha', 'Gamma']);
  await sidebar.view('Taxes');
  await shows(sidebar, ['Beta', 'Alpha']);
  await sidebar.menu('Taxes', 'New folder inside');
  await app.page.getByRole('textbox', { name: 'Name of the folder' }).fill('May');
  await app.page.keyboard.press('Enter');
  await sidebar.dragTo('Alpha', 'May');
  await shows(sidebar, ['Beta']);
  await eventually(async () => {
    const { folders } = await app.call('listFolders', {});
    const taxes = folders.find(({ name }) => name === 'Taxes');
    assert.equal(folders.find(({ name }) => name === 'May')?.parentId, taxes?.id);
  });
  await sidebar.menu('Taxes', 'Delete folder');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await shows(sidebar, ['Alpha', 'Beta', 'Gamma']);
  assert.deepEqual(app.faults, []);
});

test('a tag is made, filters the list, and is deleted without its conversations', {
  skip: noBrowser,
}, async (t) => {
  const { app, sidebar } = await appWith(t, 'Alpha', 'Beta');
  await sidebar.menu('Alpha', 'Tags', 'New tag…');
  const dialog = app.page.getByRole('dialog');
  await dialog.locator('input:visible').fill('urgent');
  await app.page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await sidebar.root.getByRole('button', { name: '#urgent', exact: true }).click();
  await shows(sidebar, ['Alpha']);
  await sidebar.root.getByRole('button', { name: '#urgent', exact: true }).press('Delete');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await shows(sidebar, ['Alpha', 'Beta']);
  await eventually(async () => assert.deepEqual((await app.call('listFolders', {})).tags, []));
});

test('a deletion can be taken back, and is carried out when the time is over', {
  skip: noBrowser,
}, async (t) => {
  const { app, sidebar } = await appWith(t, 'Alpha', 'Beta');
  const kept = async () => (await app.call('listConversations', {})).conversations.map(({ title }) => title);
  await sidebar.menu('Alpha', 'Delete');
  await shows(sidebar, ['Beta']);
  assert.deepEqual(await kept(), ['Beta', 'Alpha'], 'nothing is gone yet');
  await app.page.getByRole('button', { name: 'Undo' }).click();
  await shows(sidebar, ['Beta', 'Alpha']);
  await sidebar.row('Beta').focus();
  await app.page.keyboard.press('Delete');
  await shows(sidebar, ['Alpha']);
  await focuses(app, 'Alpha'); // it goes on to a neighbour
  await eventually(async () => assert.deepEqual(await kept(), ['Alpha']));
});

test('what was deleted just before the window closed is gone at the next start', {
  skip: noBrowser,
}, async (t) => {
  const { app, sidebar } = await appWith(t, 'Alpha', 'Beta');
  await sidebar.menu('Alpha', 'Delete');
  await shows(sidebar, ['Beta']);
  await app.page.reload();
  await shows(sidebar, ['Beta']);
  await eventually(async () =>
    assert.equal((await app.call('listConversations', {})).conversations.length, 1),
  );
});

test('the list is walked, chosen from and renamed by keys alone', { skip: noBrowser }, async (t) => {
  const { app, sidebar } = await appWith(t, 'Alpha', 'Beta', 'Gamma');
  await sidebar.row('Gamma').focus();
  await app.page.keyboard.press('ArrowDown');
  await focuses(app, 'Beta');
  await app.page.keyboard.press('End');
  await focuses(app, 'Alpha');
  await app.page.keyboard.press('Control+Space');
  await sidebar.row('Gamma').click({ modifiers: ['Shift'] });
  await app.page
    .getByRole('toolbar', { name: 'With the chosen conversations' })
    .getByText('3 chosen')
    .waitFor();
  await sidebar.row('Gamma').press('Escape');
  await app.page.getByText('3 chosen').waitFor({ state: 'detached' });
});

test('hundreds of conversations scroll to the last one, while few are in the page', {
  skip: noBrowser,
}, async (t) => {
  const { app, sidebar } = await appWith(t, ...Array.from({ length: 260 }, (_, index) => `Chat ${index}`));
  assert.ok((await sidebar.titles()).length < 60, 'only what is seen is drawn');
  await sidebar.row('Chat 259').first().focus();
  await eventually(async () => {
    await app.page.keyboard.press('End');
    assert.ok((await sidebar.titles()).includes('Chat 0'));
  });
});
