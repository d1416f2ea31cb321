/** Thinking, agents, boxes, forms and several answers as a person meets them, on the scripted engine. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { chatPage, chooseFromPalette, sampleFile, shownId } from './support/chat-page.ts';
import { assertAccessible } from './support/check-accessibility.ts';
import { eventually } from './support/eventually.ts';
import { noBrowser, startApp } from './support/running-app.ts';
import { sidebarPage } from './support/sidebar-page.ts';

/** Chooses from the menu of built-in prompts. */
async function choosePrompt(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Built-in prompts' }).click();
  await page.getByRole('menuitem', { name }).click();
  await page.getByRole('menu').waitFor({ state: 'hidden' });
}

async function savedText(page: Page, save: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), save()]);
  return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) };
}

/** Waits until a button's or a fold's state is this one. */
async function isSet(button: Locator, name: 'aria-expanded' | 'aria-pressed', value: boolean): Promise<void> {
  await eventually(async () => assert.equal(await button.getAttribute(name), String(value)));
}

/** Waits until what was copied passes the check. */
async function copied(page: Page, check: (text: string) => void): Promise<void> {
  await eventually(async () => check(String(await page.evaluate('navigator.clipboard.readText()'))));
}

test('a thought is folded and timed, stays out of copies, and is in sight where it was cut off', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  await app.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const chat = chatPage(app.page);
  const thinks = chat.composer.getByRole('button', { name: 'Think before answering' });
  await thinks.click();
  await chat.question.fill('say <think> two and two </think> **four**');
  await chat.send.click();
  await chat.answers.getByText('four').waitFor();
  const head = chat.answers.getByRole('button', { name: /^Thought for \d+ s$/ });
  await head.waitFor();
  await isSet(head, 'aria-expanded', false);
  await chat.answers.getByText('two and two').waitFor({ state: 'hidden' });
  await head.click();
  await chat.answers.getByText('two and two').waitFor();
  await assertAccessible(app.page);
  await chat.act('answer', 'Copy');
  await copied(app.page, (text) => assert.equal(text, '**four** '));

  await t.test('it is shown while it is written, and stays when it is stopped', async () => {
    await chat.question.fill('ponder 120 20');
    await chat.send.click();
    await chat.answers
      .last()
      .getByRole('button', { name: /^Thinking… \d+ s$/ })
      .waitFor();
    await chat.answers
      .last()
      .getByText(/1 2 3 4 5/)
      .waitFor();
    await chat.answers.last().getByText('Pondered.').waitFor();
    const done = chat.answers.last().getByRole('button', { name: /^Thought for ([2-9]|\d\d+) s$/ });
    await isSet(done, 'aria-expanded', false);
    await chat.question.fill('ponder 3000 20');
    await chat.send.click();
    await chat.answers
      .last()
      .getByText(/1 2 3 4 5/)
      .waitFor();
    await chat.stop.click();
    await chat.answers.last().getByRole('button', { name: 'The thought did not come to an end' }).waitFor();
    await chat.answers.last().getByText('You stopped this answer.').waitFor();
    await chat.answers
      .last()
      .getByText(/^1 2 3 4 5/)
      .waitFor();
    await chat.act('answer', 'Copy');
    await copied(app.page, (text) => assert.match(text, /^1 2 3 4 5/));
  });

  await t.test('the switch belongs to the conversation, and both outlive a restart', async () => {
    await app.restart();
    await sidebarPage(app.page).row('say <think> two and two').click();
    await chat.answers
      .getByRole('button', { name: /^Thought for \d+ s$/ })
      .first()
      .waitFor();
    await isSet(thinks, 'aria-pressed', true);
    await chooseFromPalette(app.page, 'New conv', 'New conversation');
    await app.page.getByText('Ask about anything you can see').waitFor();
    await isSet(thinks, 'aria-pressed', false);
  });
  assert.deepEqual(app.faults, []);
});

test('an agent’s steps are listed and numbered on the screenshot, and only shown', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  await app.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const chat = chatPage(app.page);
  await chat.drop(sampleFile('receipt.png'));
  await chat.file('receipt.png').locator('img').waitFor();
  await choosePrompt(app.page, /Steps on a screenshot/);
  await chat.send.and(app.page.locator(':disabled')).waitFor(); // a goal is needed
  const calls = [
    'click(x=0.25, y=0.5)',
    'write("a b")',
    'hotkey("ctrl", "s")',
    'scroll(-3)',
    'dragTo(0.75, 0.75)',
  ];
  await chat.question.fill(`say I begin. ${calls.map((call) => `pyautogui.${call}`).join(' \n ')}`);
  await chat.send.click();
  await chat.answers.getByText('The app never executes anything').waitFor();
  const steps = chat.answers.getByRole('region', { name: 'Steps on the screen' });
  await eventually(async () =>
    assert.deepEqual(await steps.getByRole('listitem').allInnerTexts(), [
      'Click at 25 %, 50 %',
      'Type “a b”',
      'Press ctrl + s together',
      'Scroll down by 3 where the pointer is',
      'Drag to a place at 75 %, 75 %',
    ]),
  );
  await eventually(async () => {
    const [picture, marker] = [
      (await steps.locator('img').boundingBox())!,
      (await steps.locator('[data-number="1"]').boundingBox())!,
    ];
    const share = (marker.x + marker.width / 2 - picture.x) / picture.width;
    assert.ok(Math.abs(share - 0.25) < 0.02, `the marker lies at ${share} of the width`);
  });
  await steps.getByRole('listitem').first().hover();
  await steps.locator('span[data-pointed]').waitFor();
  await steps.getByRole('button', { name: 'Copy the steps as JSON' }).click();
  const first = { action: 'click', at: [0.25, 0.5], button: 'left', clicks: 1 };
  await copied(app.page, (text) => assert.deepEqual(JSON.parse(text)[0], first));
  await chat.questions.getByText('Steps on the screen').waitFor();
  await assertAccessible(app.page);
  assert.deepEqual(app.faults, []);
});

test('marked words are asked for on the picture, and the boxes are saved for other programs', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  await chat.drop(sampleFile('receipt.png'));
  await chat.file('receipt.png').locator('img').waitFor();
  await chat.ask('say Total <ref>grand total</ref><box>[[100,300,900,600]]</box> stands here.');
  await chat.answers.getByText('stands here').dblclick({ position: { x: 12, y: 10 } });
  await app.page.getByRole('button', { name: 'Show where' }).click();
  await chat.questions.nth(1).getByText('Find on the picture').waitFor();
  await chat.answers.nth(1).waitFor();
  await chat.answered();
  const asked = (await app.call('listMessages', { conversationId: shownId(app.page) })).messages.at(-2)!;
  assert.deepEqual(asked.task, { type: 'grounding' });
  assert.ok(
    asked.parts.length === 1 && asked.parts[0]?.type === 'text' && /^Total$/.test(asked.parts[0].text),
  );
  await chat.answers.last().getByRole('figure').waitFor();
  const save = async (name: string) => {
    await chat.answers.last().getByRole('button', { name: 'Save boxes' }).click();
    await app.page.getByRole('menuitem', { name }).click();
  };
  const coco = await savedText(app.page, () => save('As COCO annotations'));
  assert.equal(coco.name, 'receipt COCO.json');
  const { images, annotations } = JSON.parse(coco.bytes.toString());
  assert.ok(Math.abs(annotations[0].bbox[0] - images[0].width / 10) < 1);
  const plain = await savedText(app.page, () => save('As JSON'));
  assert.equal(JSON.parse(plain.bytes.toString()).boxes[0].label, 'grand total');
  assert.deepEqual(app.faults, []);
});

test('values come as a form, tables as files for a spreadsheet, and prompts from menu and palette', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  await choosePrompt(app.page, /Read a table/);
  await eventually(async () => assert.match(await chat.question.inputValue(), /Markdown table/));
  await choosePrompt(app.page, /Extract values/);
  const dialog = app.page.getByRole('dialog', { name: 'Extract values into a form' });
  await dialog.getByText('Invoice').click();
  await assertAccessible(app.page);
  const schema = dialog.getByRole('textbox', { name: 'JSON schema' });
  await schema.fill('{"type": ');
  await dialog.getByText('This is no JSON schema').waitFor();
  await dialog.getByRole('button', { name: 'Use this form', disabled: true }).waitFor();
  await schema.fill('{"type": "object", "properties": {"total": {"type": "number"}}}');
  await dialog.getByRole('button', { name: 'Use this form' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await chat.composer.getByText('Extract: Invoice').waitFor();
  const values = {
    dueDate: '2026-12-01',
    items: [
      { item: 'Tea', price: 4.5 },
      { item: '=1+1', price: 3 },
    ],
  };
  await chat.question.fill(`say ${JSON.stringify(values)}`);
  await chat.send.click();
  const form = chat.answers.getByRole('region', { name: 'Values: Invoice' });
  await form.getByText('Due date').waitFor();
  await form.getByText('2026-12-01').waitFor();
  const [message] = (await app.call('listMessages', { conversationId: shownId(app.page) })).messages;
  assert.ok(message?.task?.type === 'extraction' && 'total' in (message.task.schema.properties as object));
  const save = async (name: string) => {
    await form.getByRole('button', { name: 'Copy or save the table' }).click();
    await app.page.getByRole('menuitem', { name }).last().click();
  };
  const xlsx = await savedText(app.page, () => save('For Excel (XLSX)'));
  assert.deepEqual([xlsx.name, xlsx.bytes.subarray(0, 2).toString()], ['table.xlsx', 'PK']);
  const csv = await savedText(app.page, () => save('As CSV'));
  assert.equal(csv.bytes.toString(), "\ufeffItem,Price\r\nTea,4.5\r\n'=1+1,3\r\n");
  const json = await savedText(app.page, () => form.getByRole('button', { name: 'Save as JSON' }).click());
  assert.deepEqual(JSON.parse(json.bytes.toString()), values);
  await assertAccessible(app.page);

  await t.test('the palette offers the prompts too', async () => {
    await chooseFromPalette(app.page, 'read a chart', 'Read a chart');
    await chat.send.and(app.page.locator(':enabled')).waitFor();
    await eventually(async () => assert.match(await chat.question.inputValue(), /chart/));
  });
  assert.deepEqual(app.faults, []);
});

test('of several answers one is chosen for a reason that is told, and all can be compared', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  await chat.composer.getByRole('button', { name: 'Number of answers' }).click();
  await app.page.getByRole('menuitemradio', { name: 'The best of 3' }).click();
  await chat.question.fill('say The answer is four.');
  await chat.send.click();
  const why = chat.answers.getByText('Chosen by majority: 3 of 3 answers come to the same result.');
  await why.waitFor();
  await chat.answers.getByText('1 of 3').waitFor();
  await assertAccessible(app.page);
  await app.restart();
  await sidebarPage(app.page).row('say The answer is four.').click();
  await why.waitFor();
  await chat.answers.getByRole('button', { name: 'Compare all 3' }).click();
  const dialog = app.page.getByRole('dialog', { name: '3 answers to one question' });
  await eventually(async () => assert.equal(await dialog.getByRole('article').count(), 3));
  await dialog.getByText('3 agree').first().waitFor();
  await assertAccessible(app.page);
  await dialog.getByRole('button', { name: 'Go on with this one' }).first().click();
  await chat.answers.getByText('2 of 3').waitFor();
  await chat.answers.getByText('One of several answers, and not the chosen one.').waitFor();
  assert.deepEqual(app.faults, []);
});
