/** Search, export, import, settings and models as a person uses them. */
import type { Locator, Page } from 'playwright-core';

export interface SearchPage {
  readonly hits: Locator;
  open(): Promise<void>;
  search(words: string): Promise<void>;
}

export function searchPage(page: Page): SearchPage {
  const dialog = page.getByRole('dialog', { name: 'Search in everything' });
  return {
    hits: dialog.getByRole('listbox', { name: 'Hits' }).getByRole('option'),
    async open() {
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await dialog.waitFor();
    },
    search: (words) => dialog.getByRole('combobox', { name: 'Words to look for' }).fill(words),
  };
}

export interface ExchangePage {
  /** Saves everything in a format, named as in the dialog, and returns where the file lies. */
  exportAll(format: RegExp): Promise<{ path: string; fileName: string }>;
  /** Gives a file to the import dialog. */
  importFile(path: string): Promise<void>;
  readonly dialog: Locator;
}

export function exchangePage(page: Page): ExchangePage {
  const dialog = page.getByRole('dialog');
  const openMenu = (entry: string) =>
    page
      .getByRole('button', { name: 'Import and export' })
      .click()
      .then(() => page.getByRole('menuitem', { name: entry }).click());
  return {
    dialog,
    async exportAll(format) {
      await openMenu('Export everything…');
      await dialog.getByRole('radio', { name: format }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        dialog.getByRole('button', { name: 'Save file' }).click(),
      ]);
      return { path: await download.path(), fileName: download.suggestedFilename() };
    },
    async importFile(path) {
      await openMenu('Import…');
      await dialog.locator('input[type=file]').setInputFiles(path);
    },
  };
}

export interface SettingsPage {
  readonly dialog: Locator;
  open(): Promise<void>;
  section(name: string): Promise<void>;
  close(): Promise<void>;
}

export function settingsPage(page: Page): SettingsPage {
  const dialog = page.getByRole('dialog', { name: /Settings|Einstellungen|设置/ });
  return {
    dialog,
    async open() {
      await page.getByRole('button', { name: /^(Settings|Einstellungen|设置)$/ }).click();
      await dialog.waitFor();
    },
    async section(name) {
      await dialog.getByRole('tab', { name }).click();
      await dialog.getByRole('tab', { name, selected: true }).waitFor();
    },
    async close() {
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    },
  };
}
