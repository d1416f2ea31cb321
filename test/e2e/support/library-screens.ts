/** Every screen around the conversation, each with the way to it. */
import { searchPage, settingsPage } from './library-pages.ts';
import type { RunningApp } from './running-app.ts';
import { sidebarPage } from './sidebar-page.ts';

export async function closeDialog(app: RunningApp): Promise<void> {
  await app.page.keyboard.press('Escape');
  await app.page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Needs the conversation about the receipt, and English. */
export const screens: Record<string, (app: RunningApp) => Promise<void>> = {
  async list(app) {
    await sidebarPage(app.page).row('What is the total?').waitFor();
  },
  async search(app) {
    await searchPage(app.page).open();
    await searchPage(app.page).search('total');
    await searchPage(app.page).hits.first().waitFor();
  },
  async export(app) {
    await app.page.getByRole('button', { name: 'Import and export' }).click();
    await app.page.getByRole('menuitem', { name: 'Export everything…' }).click();
    await app.page.getByRole('dialog').getByRole('button', { name: 'Save file' }).waitFor();
  },
  async import(app) {
    await app.page.getByRole('button', { name: 'Import and export' }).click();
    await app.page.getByRole('menuitem', { name: 'Import…' }).click();
    await app.page.getByRole('dialog').waitFor();
  },
  async models(app) {
    await app.page.getByRole('button', { name: 'Models', exact: true }).click();
    await app.page.getByRole('dialog').getByRole('article').first().waitFor();
  },
  ...Object.fromEntries(
    ['Look and language', 'Answers', 'Desktop', 'API server', 'Data and privacy', 'Shortcuts', 'About'].map(
      (name) => [
        `settings: ${name}`,
        async (app: RunningApp) => {
          await settingsPage(app.page).open();
          await settingsPage(app.page).section(name);
        },
      ],
    ),
  ),
};
