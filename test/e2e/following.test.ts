/** The end of a conversation stays in sight while an answer grows, unless a person has scrolled away from it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { chatPage } from './support/chat-page.ts';
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
  const isInSight = async () => {
    const [answer, view] = [await chat.answers.last().boundingBox(), await log.boundingBox()];
    if (!answer || !view) return false;
    const bottom = answer.y + answer.height;
    return bottom > view.y && bottom <= view.y + view.height + 1;
  };
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
  assert.ok(await isInSight(), 'soon after the question');
  await chat.answered();
  assert.ok(await isInSight(), 'at its end');

  await t.test('scrolling up while it grows stays where it is', async () => {
    await send('count 2000 10');
    await chat.answers
      .last()
      .getByText(/1 2 3 4 5/)
      .waitFor();
    assert.ok(await isInSight());
    await log.hover();
    await app.page.mouse.wheel(0, -1500);
    await app.page.waitForTimeout(400);
    const { top } = await place();
    const before = await lengthSoFar();
    await app.page.waitForTimeout(1500);
    assert.ok((await lengthSoFar()) > before, 'it grows meanwhile');
    const later = await place();
    assert.ok(Math.abs(later.top - top) < 3, `moved from ${top} to ${later.top}`);
    assert.ok(later.toEnd > 1000);
  });

  await t.test('the button leads back, and the end is followed again', async () => {
    await app.page.getByRole('button', { name: 'Go to the newest message' }).click();
    await app.page.waitForTimeout(800);
    assert.ok((await place()).toEnd < 3);
    await chat.stop.click();
    await chat.answered();
    assert.ok((await place()).toEnd < 3);
  });
  assert.deepEqual(app.faults, []);
});
