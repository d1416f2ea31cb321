/** axe on every screen around the conversation, in light, dark and high contrast, wide and narrow. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { askAboutSample } from './support/ask-about-sample.ts';
import { accessibilityFaults, assertAccessible } from './support/check-accessibility.ts';
import { closeDialog, screens } from './support/library-screens.ts';
import { noBrowser, startApp } from './support/running-app.ts';
import { sidebarPage } from './support/sidebar-page.ts';

for (const theme of ['light', 'dark', 'contrast'] as const) {
  test(`axe finds nothing on any screen of the library (${theme})`, { skip: noBrowser }, async (t) => {
    const app = await startApp(t);
    await askAboutSample(app, 'receipt.png');
    await app.call('updateSettings', { patch: { theme } });
    await app.page.reload();
    for (const [name, open] of Object.entries(screens)) {
      await open(app);
      await assertAccessible(app.page, { screen: `${theme}: ${name}` });
      if (name !== 'list') await closeDialog(app);
    }
  });
}

test('axe finds nothing on the first screen', { skip: noBrowser }, async (t) => {
  const app = await startApp(t, { isFirstRun: true });
  await app.page.getByRole('heading', { level: 1 }).waitFor();
  await app.page.getByRole('button', { name: /What is the total/ }).waitFor();
  await assertAccessible(app.page);
});

test('axe finds nothing in an open menu', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  await app.call('createConversation', {});
  await app.page.getByRole('button', { name: 'Menu of “Untitled”' }).click();
  await app.page.getByRole('menuitem', { name: 'Rename' }).waitFor();
  // A menu stands outside the landmarks while it is open, as menus do.
  await assertAccessible(app.page, { without: ['region'] });
});

test('axe would find what is wrong (negative control)', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  await sidebarPage(app.page).root.waitFor();
  await app.page.evaluate("document.body.append(Object.assign(document.createElement('img'), { src: '' }))");
  const faults = await accessibilityFaults(app.page);
  assert.ok(
    faults.some((fault) => fault.startsWith('image-alt')),
    faults.join('\n'),
  );
  // With no time left to get better.
  await assert.rejects(assertAccessible(app.page, { limitMs: 0 }), assert.AssertionError);
});
