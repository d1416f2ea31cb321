/**
 * `npm run screenshots`: the README's pictures, light and dark, of the real app on the embedded model. Needs a build of
 * the page (`npm run build`) and Chromium.
 */
import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { askAboutSample } from './e2e/support/ask-about-sample.ts';
import { searchPage } from './e2e/support/library-pages.ts';
import { noBrowser, type RunningApp, startApp } from './e2e/support/running-app.ts';
import { sidebarPage } from './e2e/support/sidebar-page.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'screenshots');
const mostBytes = 300_000;

/** A face that desktops show their own words in, where it is installed; Chromium asks fontconfig for `system-ui`. */
function useInterfaceFace(scratch: string): void {
  const rules = ['system-ui', 'sans-serif'].map(
    (family) =>
      `<match target="pattern"><test qual="any" name="family"><string>${family}</string></test>
        <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>`,
  );
  const path = join(scratch, 'fonts.conf');
  writeFileSync(path, `<fontconfig><include>/etc/fonts/fonts.conf</include>${rules.join('')}</fontconfig>`);
  process.env.FONTCONFIG_FILE = path;
}

/** A desk that somebody has worked at: folders, tags, a pinned conversation, real answers. */
async function furnish(app: RunningApp): Promise<void> {
  for (const name of ['shapes.png', 'number.png', 'word.png']) await askAboutSample(app, name);
  await askAboutSample(app, 'receipt.png', ['What is the date?']);
  const { conversations } = await app.call('listConversations', {});
  const taxes = await app.call('createFolder', { name: 'Taxes' });
  await app.call('createFolder', { name: '2026', parentId: taxes.id });
  await app.call('createFolder', { name: 'Trips' });
  const tag = await app.call('createTag', { name: 'receipts' });
  const named = (title: string) => conversations.find((known) => known.title === title)!.id;
  await app.call('updateConversation', { id: named('How many circles are there?'), patch: { pinned: true } });
  await app.call('updateConversation', { id: named('What is the total?'), patch: { tagIds: [tag.id] } });
}

const scenes: Record<string, (app: RunningApp) => Promise<void>> = {
  async conversation(app) {
    await sidebarPage(app.page).show('What is the total?');
    await app.page.getByRole('main').getByText('14/12').last().waitFor();
  },
  async search(app) {
    const search = searchPage(app.page);
    await search.open();
    await search.search('what');
    await search.hits.nth(3).waitFor();
  },
  async models(app) {
    await app.page.getByRole('button', { name: 'Models', exact: true }).click();
    await app.page.getByRole('dialog').getByRole('article').first().waitFor();
  },
  async region(app) {
    await app.page
      .getByRole('main')
      .getByRole('button', { name: /receipt\.png/ })
      .first()
      .click();
    await app.page.getByRole('button', { name: 'Ask about a part (R)' }).click();
    const surface = app.page.getByRole('application');
    await surface.press('ArrowRight');
    // From the middle to the line of the total.
    const presses = { ArrowLeft: 13, ArrowDown: 3, 'Shift+ArrowRight': 26, 'Shift+ArrowUp': 8 };
    for (const [key, count] of Object.entries(presses)) {
      for (let times = 0; times < count; times++) await surface.press(key);
    }
  },
};

async function shoot(app: RunningApp, name: string): Promise<void> {
  // Pictures, fonts and transitions come to rest.
  await app.page.evaluate(
    'Promise.all([...document.images].map((picture) => picture.decode().catch(() => {})))',
  );
  await app.page.mouse.move(0, 0);
  await app.page.waitForTimeout(700);
  const path = join(folder, `${name}.png`);
  await app.page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  assert.ok(statSync(path).size < mostBytes, `${name}.png has ${statSync(path).size} bytes`);
}

for (const theme of ['light', 'dark'] as const) {
  test(`screenshots, ${theme}`, { skip: noBrowser }, async (t) => {
    mkdirSync(folder, { recursive: true });
    useInterfaceFace(await temporaryFolder(t));
    const app = await startApp(t, { isFirstRun: true, width: 1280, height: 800, pixelRatio: 1.5 });
    await app.call('updateSettings', { patch: { theme } });
    await app.page.reload();
    await app.page.getByRole('button', { name: /What is the total/ }).waitFor();
    await shoot(app, `first-run-${theme}`);
    await app.call('updateSettings', { patch: { firstRunDone: true } });
    await furnish(app);
    await app.page.reload();
    for (const [name, open] of Object.entries(scenes)) {
      await open(app);
      await shoot(app, `${name}-${theme}`);
      await app.page.keyboard.press('Escape');
    }
  });
}
