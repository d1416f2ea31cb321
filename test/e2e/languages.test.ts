/** Every word has a key, longer words fit, and everything turns round for languages written from the right. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildPseudoPage, pseudoMark } from './support/build-pseudo-page.ts';
import { sampleFile } from './support/chat-page.ts';
import { eventually, untilStill } from './support/eventually.ts';
import { noBrowser, startApp } from './support/running-app.ts';

/** Words in sight, and names for screen readers, that hold letters but no mark. */
const unmarked = `(() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!element.closest('script, style, [aria-hidden=true]') && element.getClientRects().length > 0) found.push(element.textContent);
  }
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
    if (!element.closest('[aria-hidden=true]')) for (const name of ['aria-label', 'placeholder', 'title']) found.push(element.getAttribute(name) ?? '');
  }
  return [...new Set(found)].filter((words) => /[A-Za-z]{2}/.test(words) && !words.includes('${pseudoMark}'));
})()`;

const overflow = `[...document.querySelectorAll('body *')].filter((element) => {
  const { left, right, width } = element.getBoundingClientRect();
  return width > 0 && (right > innerWidth + 1 || left < -1) && getComputedStyle(element).position !== 'fixed' &&
    !element.closest('.visually-hidden, [class*=VisuallyHidden], [aria-hidden=true]');
}).map((element) => element.outerHTML.slice(0, 100))`;

test('every word of the chat has a key, and longer ones fit at 420 pixels', {
  skip: noBrowser,
}, async (t) => {
  process.env.PAGE_FOLDER = await temporaryFolder(t);
  t.after(() => delete process.env.PAGE_FOLDER);
  await buildPseudoPage(process.env.PAGE_FOLDER);
  const app = await startApp(t, { isScripted: true });
  const { page } = app;
  await page.getByRole('textbox').first().waitFor();
  const { name, type: mimeType, bytes } = sampleFile('receipt.png');
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name, mimeType, buffer: Buffer.from(bytes) });
  await page.locator('li img').waitFor();
  await page.getByText(/\d+ tile/).waitFor();
  await page.getByText(/%/).first().waitFor();
  // Own words of a person: samples' names and questions, file names, the model's name.
  const isOwn = (words: string) => /\.png|^What |^How many|Demo|scripted/.test(words);
  await eventually(async () => {
    const before: string[] = await page.evaluate(unmarked);
    assert.deepEqual(
      before.filter((words) => !isOwn(words)),
      [],
    );
  });

  await t.test('an answer too', async () => {
    await page.getByRole('textbox').first().fill('say 12');
    await page.keyboard.press('Enter');
    await page.locator('article[aria-busy=false]').waitFor();
    await eventually(async () => {
      const words: string[] = await page.evaluate(unmarked);
      assert.deepEqual(
        words.filter((one) => !isOwn(one) && !one.startsWith('say 12')),
        [],
      );
    });
  });

  await t.test('nothing sticks out', async () => {
    for (const width of [420, 1280, 2560]) {
      await page.setViewportSize({ width, height: 860 });
      await untilStill(page);
      await eventually(async () => assert.deepEqual(await page.evaluate(overflow), [], `${width}`));
    }
  });

  await t.test('from the right, the conversations stand at the right and nothing sticks out', async () => {
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.evaluate("document.documentElement.dir = 'rtl'");
    await eventually(async () => {
      const { x } = (await page.getByRole('navigation').first().boundingBox())!;
      assert.ok(x > 640, `the sidebar begins at ${x}`);
    });
    await untilStill(page);
    await eventually(async () => assert.deepEqual(await page.evaluate(overflow), []));
  });
});
