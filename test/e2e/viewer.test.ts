/** Looking closely: zoom, regions by mouse and by keys, pages with their text, the original. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { Page } from 'playwright-core';
import { makePdf, showText } from '../support/make-pdf.ts';
import { askAboutSample } from './support/ask-about-sample.ts';
import { chatPage, samplePath } from './support/chat-page.ts';
import { assertAccessible } from './support/check-accessibility.ts';
import { eventually, settled } from './support/eventually.ts';
import { noBrowser, type RunningApp, startApp } from './support/running-app.ts';
import { sidebarPage } from './support/sidebar-page.ts';

async function openReceipt(app: RunningApp): Promise<void> {
  await askAboutSample(app, 'receipt.png');
  await sidebarPage(app.page).show('What is the total?');
  await app.page
    .getByRole('main')
    .getByRole('button', { name: /receipt\.png/ })
    .first()
    .click();
  await stage(app.page).waitFor();
}

const stage = (page: Page) => page.getByRole('region', { name: /^(receipt\.png|contract\.pdf, page \d)$/ });
const percent = async (page: Page) => Number.parseFloat((await page.getByText(/^\d+%$/).textContent())!);

test('a picture is zoomed by keys and wheel, fitted again, and downloaded as it came', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  await openReceipt(app);
  const { page } = app;
  await stage(page).getByRole('img').waitFor();
  const fitted = await settled(() => percent(page));
  await stage(page).press('+');
  await eventually(async () => assert.ok((await percent(page)) > fitted));
  await stage(page).hover();
  await page.mouse.wheel(0, -600);
  await eventually(async () => assert.ok((await percent(page)) > fitted * 1.5));
  await stage(page).press('0');
  await eventually(async () => assert.equal(await percent(page), fitted));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the original' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'receipt.png');
  assert.deepEqual(readFileSync(await download.path()), readFileSync(samplePath('receipt.png')));
  await assertAccessible(page, { within: 'aside' });
  assert.deepEqual(app.faults, []);
});

test('a part is drawn by mouse and asked about', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  await openReceipt(app);
  const { page } = app;
  await page.getByRole('button', { name: 'Ask about a part (R)' }).click();
  const picture = await settled(() => stage(page).getByRole('img').boundingBox());
  const at = (x: number, y: number) =>
    [picture.x + picture.width * x, picture.y + picture.height * y] as const;
  await page.mouse.move(...at(0.05, 0.36));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.5));
  await page.mouse.move(...at(0.95, 0.62));
  await page.mouse.up();
  await page.getByText(/^From \d+ % and \d+ %/).waitFor();
  await page.getByRole('button', { name: 'Ask about this part' }).click();
  const chat = chatPage(page);
  await chat.file('receipt.png').waitFor();
  await chat.ask('What is the total?');
  const { conversations } = await app.call('listConversations', {});
  const { messages } = await app.call('listMessages', { conversationId: conversations[0]!.id });
  const region = messages.flatMap(({ parts }) => parts).find((part) => part.type === 'region');
  assert.ok(region, 'the question holds the part');
  for (const [share, wanted] of [
    [region.box.x, 0.05],
    [region.box.y, 0.36],
    [region.box.width, 0.9],
    [region.box.height, 0.26],
  ] as const) {
    assert.ok(Math.abs(share - wanted) < 0.01, `${share} is ${wanted}`);
  }
  assert.deepEqual(app.faults, []);
});

test('a part is drawn by keys alone, and Escape gives up', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  await openReceipt(app);
  const { page } = app;
  await stage(page).press('r');
  await page.keyboard.press('Escape');
  await page.getByRole('application').waitFor({ state: 'detached' });
  await stage(page).press('r');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('From 30 % and 30 %, 40 % wide and 42 % high').waitFor();
  await page.keyboard.press('Enter');
  await chatPage(page).file('receipt.png').waitFor();
});

test('a document is paged through, with the text of each page beside it', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  const { page } = app;
  const pages = [1, 2, 3].map((number) => ({ content: showText(`Clause ${number}`, 20, 60) }));
  const chat = chatPage(page);
  await chat.drop({ name: 'contract.pdf', type: 'application/pdf', bytes: makePdf(pages) });
  await chat.file('contract.pdf').waitFor();
  await chat.ask('What does it say?');
  await page
    .getByRole('main')
    .getByRole('button', { name: /contract\.pdf/ })
    .first()
    .click();
  await page.getByText('1 of 3').waitFor();
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.getByText('2 of 3').waitFor();
  await page.getByRole('button', { name: 'Text of the page' }).click();
  await page.getByRole('complementary', { name: 'Text of page 2' }).getByText('Clause 2').waitFor();
  await page.getByRole('region', { name: 'Pages' }).getByRole('button', { name: 'Page 3' }).click();
  await page.getByRole('complementary', { name: 'Text of page 3' }).getByText('Clause 3').waitFor();
  await stage(page).press('PageUp');
  await page.getByText('2 of 3').waitFor();
  await assertAccessible(page, { within: 'aside' });
  assert.deepEqual(app.faults, []);
});
