/** The end of a conversation stays in sight while an answer grows, unless a person has scrolled away from it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { chatPage } from './support/chat-page.ts';
import { eventually, settled } from './support/eventually.ts';
import { noBrowser, startApp } from './support/running-app.ts';

test('the answer to a long question is in sight as it grows, and scrolling up stays', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true, height: 700 });
  const chat = chatPage(app.page);
  const log = app.page.getByRole('log');
  const place = () =>
    log.evaluate((list) => ({
      top: list.scrollTop,
      toEnd: list.scrollHeight - list.clientHeight - list.scrollTop,
    }));
  const isInSight = () =>
    eventually(async () => {
      const [answer, view] = [(await chat.answers.last().boundingBox())!, (await log.boundingBox())!];
      const bottom = answer.y + answer.height;
      assert.ok(bottom > view.y && bottom <= view.y + view.height + 1, `the answer ends at ${bottom}`);
    });
  const isAtEnd = () =>
    eventually(async () => {
      const { toEnd } = await place();
      assert.ok(toEnd < 3, `${toEnd} px from the end`);
    });
  const send = async (words: string) => {
    await chat.question.fill(words);
    await chat.send.click();
    await chat.stop.waitFor();
  };
  const lengthSoFar = async () => {
    const { conversations } = await app.call('listConversations', {});
    const { messages } = await app.call('listMessages', { conversationId: conversations[0]!.id });
    return JSON.stringify(messages.at(-1)?.parts).length;
  };
  const lines = Array.from(
    { length: 120 },
    (_, at) => `Line ${at} of a question that is longer than the view.`,
  );

  await send(`count 400 10\n\n${lines.join('\n')}`);
  await chat.answers.getByText(/1 2 3 4 5/).waitFor();
  await isInSight();
  await chat.answered();
  await isInSight();

  await t.test('scrolling up while it grows stays where it is', async () => {
    await send('count 20000 10');
    await chat.answers
      .last()
      .getByText(/1 2 3 4 5/)
      .waitFor();
    await isInSight();
    await log.hover();
    await app.page.mouse.wheel(0, -1500);
    await eventually(async () => assert.ok((await place()).toEnd > 1000));
    const top = await settled(async () => (await place()).top);
    const before = await lengthSoFar();
    await eventually(async () => assert.ok((await lengthSoFar()) > before + 300, 'it grows meanwhile'));
    const later = await place();
    assert.ok(Math.abs(later.top - top) < 3, `moved from ${top} to ${later.top}`);
    assert.ok(later.toEnd > 1000);
  });

  await t.test('the button leads back, and the end is followed again', async () => {
    await app.page.getByRole('button', { name: 'Go to the newest message' }).click();
    await isAtEnd();
    await chat.stop.click();
    await chat.answered();
    await isAtEnd();
  });
  assert.deepEqual(app.faults, []);
});

test('the end stays in sight however the window is resized', { skip: noBrowser }, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  const log = app.page.getByRole('log');
  const words = 'A paragraph that takes many more lines in a narrow window than in a wide one. '.repeat(12);
  for (let turn = 0; turn < 4; turn += 1) await chat.ask(`say ${turn}. ${words}\n\n${words}`);
  for (const [width, height] of [
    [420, 860],
    [1280, 860],
    [420, 500],
    [1700, 1000],
    [500, 860],
  ] as const) {
    await app.page.setViewportSize({ width, height });
    // Neither at first nor when all rows have found their new heights.
    const toEnd = await settled(() =>
      log.evaluate((list) => Math.round(list.scrollHeight - list.clientHeight - list.scrollTop)),
    );
    assert.ok(toEnd < 3, `at ${width} × ${height} the view stands ${toEnd} px from the end`);
    await app.page.getByRole('button', { name: 'Go to the newest message' }).waitFor({ state: 'hidden' });
  }
  assert.deepEqual(app.faults, []);
});
