/** Answers that are slow, long or cut off, on the scripted engine: stop, kill -9, branches, boxes, deletion. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { chatPage, chooseFromPalette, sampleFile } from './support/chat-page.ts';
import { eventually } from './support/eventually.ts';
import { noBrowser, startApp } from './support/running-app.ts';
import { sidebarPage } from './support/sidebar-page.ts';

test('an answer that is stopped keeps its words', { skip: noBrowser }, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  await chat.question.fill('count 2000 20');
  await chat.send.click();
  await chat.answers.getByText(/1 2 3 4 5/).waitFor();
  await chat.stop.click();
  assert.match(await chat.answered(), /^1 2 3 4 5/);
  await chat.answers.getByText('You stopped this answer.').waitFor();

  await t.test('Escape stops too, and Continue goes on', async () => {
    await chat.act('answer', 'Answer again');
    await chat.stop.waitFor();
    await chat.answers.getByText(/1 2 3 4/).waitFor();
    await app.page.keyboard.press('Escape');
    await chat.answers.getByText('You stopped this answer.').waitFor();
    await chat.answers.getByText('2 of 2').waitFor();
  });

  await t.test('an edited question is a branch, and arrows lead between them', async () => {
    await chat.act('question', 'Edit the question or its files');
    await eventually(async () => assert.equal(await chat.question.inputValue(), 'count 2000 20'));
    assert.equal(await chat.ask('say another way'), 'another way');
    await chat.act('question', 'Previous version');
    await chat.answers.getByText(/1 2 3/).waitFor();
    await chat.act('question', 'Next version');
    await chat.answers.getByText('another way').waitFor();
  });

  await t.test('an answer edited by hand is a version of its own', async () => {
    await chat.act('answer', 'Edit the answer');
    const dialog = app.page.getByRole('dialog', { name: 'Edit the answer' });
    await dialog.getByRole('textbox').fill('my own words');
    await dialog.getByRole('button', { name: 'Save as a version' }).click();
    await chat.answers.getByText('my own words').waitFor();
    await chat.answers.getByText('2 of 2').waitFor();
  });

  await t.test('a deleted message can be taken back', async () => {
    await chat.act('answer', 'Delete');
    await chat.answers.first().waitFor({ state: 'hidden' });
    await app.page.getByRole('button', { name: 'Undo' }).click();
    await chat.answers.getByText('my own words').waitFor();
  });
  assert.deepEqual(app.faults, []);
});

test('killed in mid-answer, the app comes back with the question, the words so far and Continue', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  await chat.question.fill('count 3000 20');
  await chat.send.click();
  await chat.answers.getByText(/ 40 /).waitFor();
  await app.restart({ kill: true });
  await sidebarPage(app.page).row('count 3000 20').click();
  await chat.questions.getByText('count 3000 20').waitFor();
  await eventually(async () => {
    const answer = await chat.answers.first().innerText();
    assert.match(answer, /^1 2 3 4 5 6 7 8 9 10 /);
    assert.match(answer, /The app ended while this answer was being written/);
  });
  await chat.answers.getByRole('button', { name: 'Continue' }).first().click();
  await chat.stop.waitFor();
  await chat.stop.click();
  await chat.answers.getByText('You stopped this answer.').waitFor();
});

test('boxes of an answer lie on the picture, and pointing links both ways', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  await chat.drop(sampleFile('receipt.png'));
  await chat.file('receipt.png').locator('img').waitFor();
  await chat.ask('say The <ref>grand total</ref><box>[[100,300,900,600]]</box> stands here.');
  const figure = app.page.getByRole('figure', { name: 'Where the answer points' });
  const box = figure.locator('[class*=box]');
  const words = chat.answers.getByRole('button', { name: 'grand total' });
  await words.hover();
  await figure.locator('[data-pointed]').waitFor();
  await box.hover();
  await chat.answers.locator('button[data-pointed]').waitFor();
  await eventually(async () => {
    const [picture, drawn] = [(await figure.locator('img').boundingBox())!, (await box.boundingBox())!];
    assert.ok(Math.abs((drawn.x - picture.x) / picture.width - 0.1) < 0.02, 'left edge');
    assert.ok(Math.abs(drawn.width / picture.width - 0.8) < 0.02, 'width');
  });
  assert.ok(!(await chat.answers.first().innerText()).includes('<box>'));

  await t.test('they are on the large picture too', async () => {
    await figure.getByRole('button').click();
    const viewer = app.page.getByRole('complementary', { name: 'receipt.png' });
    await viewer.getByRole('button', { name: 'grand total' }).hover();
    await chat.answers.locator('button[data-pointed]').waitFor();
  });
  assert.deepEqual(app.faults, []);
});

test('the palette finds actions and conversations, and a temporary conversation leaves nothing behind', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  await chat.ask('say kept words');
  await chooseFromPalette(app.page, 'temporary', 'Temporary conversation');
  await app.page.getByText('Temporary', { exact: true }).first().waitFor();
  assert.equal(await chat.ask('say secret words'), 'secret words');
  await chooseFromPalette(app.page, 'kept', 'say kept words');
  await chat.answers.getByText('kept words').waitFor();

  await t.test('what is known only after the letters were typed is chosen by them too', async () => {
    let letOn = () => {};
    const held = new Promise<void>((resolve) => {
      letOn = resolve;
    });
    await app.page.getByRole('button', { name: 'New conversation', exact: true }).click();
    await chat.answers.first().waitFor({ state: 'hidden' });
    await app.page.reload();
    await app.page.route('**/api/listConversations', async (route) => {
      await held;
      await route.continue();
    });
    await chat.composer.waitFor();
    await app.page.keyboard.press('Control+k');
    await app.page.getByRole('textbox', { name: 'Conversations, models, actions' }).fill('kept');
    await app.page.getByText('Nothing found').waitFor();
    letOn();
    await app.page.getByRole('dialog').locator('[data-selected]', { hasText: 'say kept words' }).waitFor();
    await app.page.keyboard.press('Enter');
    await chat.answers.getByText('kept words').waitFor();
    await app.page.unroute('**/api/listConversations');
  });
  await app.restart();
  const { conversations } = await app.call('listConversations', {});
  assert.deepEqual(
    conversations.map(({ title }) => title),
    ['say kept words'],
  );
});
