/** The sidebar as a person uses it. */
import type { Locator, Page } from 'playwright-core';

export interface SidebarPage {
  readonly root: Locator;
  /** The row of a conversation, by its title. */
  row(title: string): Locator;
  /** Titles from top to bottom, as far as they are drawn. */
  titles(): Promise<string[]>;
  show(title: string): Promise<void>;
  /** Opens the row's menu and takes one entry, or an entry of a submenu. */
  menu(title: string, ...entries: string[]): Promise<void>;
  rename(title: string, next: string): Promise<void>;
  view(name: string): Promise<void>;
  newFolder(name: string): Promise<void>;
  dragTo(title: string, target: string): Promise<void>;
}

export function sidebarPage(page: Page): SidebarPage {
  const root = page.getByRole('navigation', { name: 'Conversations and folders' });
  const list = root.getByRole('region', { name: 'Conversations', exact: true });
  const row = (title: string) => list.locator('[data-conversation]').filter({ hasText: title });
  const rowOrFolder = (name: string) => root.getByRole('button', { name, exact: true });
  return {
    root,
    row,
    titles: () => list.locator('[data-conversation] > span:last-child > span:first-child').allTextContents(),
    show: (title) => row(title).click(),
    async menu(title, ...entries) {
      await root.getByRole('button', { name: `Menu of “${title}”` }).click();
      for (const entry of entries.slice(0, -1)) await page.getByRole('menuitem', { name: entry }).hover();
      const last = page.getByRole('menuitem', { name: entries.at(-1)!, exact: true });
      const box = page.getByRole('menuitemcheckbox', { name: entries.at(-1)!, exact: true });
      await last.or(box).click();
    },
    async rename(title, next) {
      await row(title).focus();
      await page.keyboard.press('F2');
      await root.getByRole('textbox', { name: 'New name' }).fill(next);
      await page.keyboard.press('Enter');
    },
    view: (name) => rowOrFolder(name).click(),
    async newFolder(name) {
      await root.getByRole('button', { name: 'New folder', exact: true }).click();
      await root.getByRole('textbox', { name: 'Name of the folder' }).fill(name);
      await page.keyboard.press('Enter');
      await rowOrFolder(name).waitFor();
    },
    dragTo: (title, target) => row(title).dragTo(rowOrFolder(target)),
  };
}
