/** Nothing is cut or runs out of the window: narrow, wide, large text, long words, right to left. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { askAboutSample } from './support/ask-about-sample.ts';
import { eventually, untilStill } from './support/eventually.ts';
import { closeDialog, screens } from './support/library-screens.ts';
import { noBrowser, type RunningApp, type StartOptions, startApp } from './support/running-app.ts';

/** What is wider than its place: the page itself, or the words of a button. */
async function overflows(app: RunningApp): Promise<string[]> {
  return (await app.page.evaluate(`(() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth + 1) found.push('the page is ' + root.scrollWidth + ' wide');
    for (const list of document.querySelectorAll('[role=tablist]')) {
      const end = list.getBoundingClientRect().right + 4;
      for (const tab of list.children) {
        if (tab.getBoundingClientRect().right > end) found.push(tab.textContent);
      }
    }
    for (const label of document.querySelectorAll('.mantine-Button-label, .mantine-Tabs-tabLabel, [role=dialog]')) {
      if (label.scrollWidth > label.clientWidth + 1) found.push(label.textContent.slice(0, 60));
    }
    return found;
  })()`)) as string[];
}

/** Asserts that everything has room, once the page has come to rest. */
async function fits(app: RunningApp, screen = 'the page'): Promise<void> {
  await untilStill(app.page);
  await eventually(async () => assert.deepEqual(await overflows(app), [], screen), 10_000);
}

async function furnished(t: Parameters<typeof startApp>[0], options: StartOptions): Promise<RunningApp> {
  const app = await startApp(t, options);
  await askAboutSample(app, 'receipt.png');
  return app;
}

for (const [name, options, textScale] of [
  ['at 4k', { width: 3840, height: 2160 }, 1],
  ['with text twice as large', { width: 1600, height: 1000 }, 2],
] as const) {
  test(`every screen fits ${name}`, { skip: noBrowser }, async (t) => {
    const app = await furnished(t, options);
    await app.call('updateSettings', { patch: { textScale } });
    await app.page.reload();
    for (const [screen, open] of Object.entries(screens)) {
      await open(app);
      await fits(app, screen);
      if (screen !== 'list') await closeDialog(app);
    }
  });
}

for (const language of ['de', 'zh'] as const) {
  test(`no word of a button is cut in ${language}`, { skip: noBrowser }, async (t) => {
    const app = await furnished(t, {});
    await app.call('updateSettings', { patch: { language } });
    await app.page.reload();
    await app.page.getByRole('button', { name: /^(Einstellungen|设置)$/ }).waitFor();
    await fits(app);
    await app.page.getByRole('button', { name: /^(Einstellungen|设置)$/ }).click();
    const tabs = app.page.getByRole('tab');
    await tabs.first().waitFor();
    for (const [index, tab] of (await tabs.all()).entries()) {
      await tab.click();
      await tab.and(app.page.locator('[aria-selected=true]')).waitFor();
      await fits(app, `section ${index}`);
    }
  });
}

test('first steps and settings fit into 420 pixels', { skip: noBrowser }, async (t) => {
  const app = await startApp(t, { width: 420, height: 800, isFirstRun: true });
  await app.page.getByRole('button', { name: /What is the total/ }).waitFor();
  await fits(app);
  await app.page.getByRole('button', { name: 'Add a model' }).click();
  await app.page.getByRole('dialog').getByRole('article').first().waitFor();
  await fits(app);
});

test('right to left, the sidebar stands at the right and nothing overflows', {
  skip: noBrowser,
}, async (t) => {
  const app = await furnished(t, {});
  await app.page.evaluate("document.documentElement.dir = 'rtl'");
  const sidebar = app.page.getByRole('navigation', { name: 'Conversations and folders' });
  await eventually(async () => {
    const { x } = (await sidebar.boundingBox())!;
    assert.ok(x > 640, `${x}`);
  });
  await fits(app);
});

test('a cut word and a page that is too wide are found (negative control)', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  await app.page.getByRole('button', { name: 'New conversation' }).waitFor();
  await app.page.evaluate(`
    document.querySelector('.mantine-Button-label').style.maxWidth = '20px';
    document.body.append(Object.assign(document.createElement('div'), { style: 'width: 5000px; height: 1px' }));`);
  await eventually(async () => assert.equal((await overflows(app)).length, 2));
});
