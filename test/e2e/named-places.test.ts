/** Frames and pictures that an answer names lead to what they are, however far above it was asked about. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { chatPage, sampleFile, shownId } from './support/chat-page.ts';
import { eventually } from './support/eventually.ts';
import { noBrowser, startApp } from './support/running-app.ts';

const filmFile = fileURLToPath(new URL('../support/films/three-scenes.mp4', import.meta.url));

test('a frame that an answer names opens at its time, and a picture of an earlier turn at its place', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  await chat.drop({ name: 'scenes.mp4', type: 'video/mp4', bytes: readFileSync(filmFile) });
  await chat.file('scenes.mp4').locator('img').waitFor();
  await chat.ask('say It turns in Frame3 and Frame-5, never in Frame99 or `Frame3`.');
  const [message] = (await app.call('listMessages', { conversationId: shownId(app.page) })).messages;
  const film = message!.parts.find((part) => part.type === 'film')!;
  const frames = chat.answers.getByRole('button', { name: /^Frame/ });
  await eventually(async () => assert.equal(await frames.count(), 2));
  await chat.answers.getByRole('button', { name: 'Frame-5' }).click();
  const viewer = app.page.getByRole('complementary', { name: 'scenes.mp4' });
  const seconds = Math.floor(film.frameTimesMs[4]! / 1000);
  await viewer.getByRole('img', { name: new RegExp(`scenes.mp4, at 0:0${seconds}`) }).waitFor();

  await t.test('pictures are numbered on over the turns, before sending and in answers', async () => {
    await chat.drop(sampleFile('receipt.png'), sampleFile('word.png'));
    await chat.file('word.png').getByText('Image-2').waitFor();
    await chat.ask('say two pictures');
    await chat.drop(sampleFile('number.png'));
    await chat.file('number.png').getByText('Image-3').waitFor();
    await chat.ask('say Image-2 has a word, Image 3 a number, and there is no Image-4.');
    const images = chat.answers.last().getByRole('button', { name: /^Image/ });
    await eventually(async () => assert.equal(await images.count(), 2));
    await chat.answers.last().getByRole('button', { name: 'Image-2' }).click();
    await app.page.getByRole('complementary', { name: 'word.png' }).waitFor();
  });
  assert.deepEqual(app.faults, []);
});

test('a picture of a turn that is far above is pointed at, opened and counted', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const chat = chatPage(app.page);
  await chat.drop(sampleFile('receipt.png'), sampleFile('word.png'));
  await chat.file('word.png').locator('img').waitFor();
  await chat.ask('say two pictures');
  const conversationId = shownId(app.page);
  let parentId = (await app.call('listMessages', { conversationId })).messages.at(-1)!.id;
  for (let turn = 0; turn < 32; turn += 1) {
    const events = await app.drain('generateMessage', {
      type: 'question',
      conversationId,
      parentId,
      parts: [{ type: 'text', text: `say turn ${turn}` }],
    });
    parentId = (events.at(-1) as { message: { id: typeof parentId } }).message.id;
  }
  await app.page.reload();
  await chat.answers.filter({ hasText: 'turn 31' }).waitFor();

  await chat.ask('say Image-2 has a word, and the <ref>total</ref><box>[[100,300,900,600]]</box> is here.');
  await chat.answers.last().getByRole('figure').waitFor();
  await chat.answers.last().getByRole('button', { name: 'Image-2' }).click();
  await app.page.getByRole('complementary', { name: 'word.png' }).waitFor();
  await chat.drop(sampleFile('number.png'));
  await chat.file('number.png').getByText('Image-3').waitFor();
  assert.deepEqual(app.faults, []);
});
