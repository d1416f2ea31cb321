/** Files that ask for more than a look: a film's frames and a PDF behind a password. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeEncryptedPdf } from '../support/encrypt-pdf.ts';
import { pageObjects, showText } from '../support/make-pdf.ts';
import { chatPage } from './support/chat-page.ts';
import { noBrowser, startApp } from './support/running-app.ts';

const filmFile = fileURLToPath(new URL('../../test/support/films/three-scenes.mp4', import.meta.url));

test('a film shows the frames it will be asked by, and takes another number of them', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const chat = chatPage(app.page);
  await chat.drop({ name: 'scenes.mp4', type: 'video/mp4', bytes: readFileSync(filmFile) });
  await chat.file('scenes.mp4').locator('img').waitFor();
  await chat.file('scenes.mp4').getByRole('button', { name: 'Choose frames' }).click();
  const dialog = app.page.getByRole('dialog', { name: 'Frames of scenes.mp4' });
  const count = dialog.getByRole('slider', { name: 'Number of frames' });
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await count.press(key);
  await dialog.getByRole('button', { name: 'Use 4 frames' }).click();
  assert.match(await chat.ask('How many circles are there?'), /\S/);
  const { conversations } = await app.call('listConversations', {});
  const { messages } = await app.call('listMessages', { conversationId: conversations[0]!.id });
  const film = messages[0]!.parts.find((part) => part.type === 'film');
  assert.equal(film?.frameTimesMs.length, 4);
  assert.deepEqual(app.faults, []);
});

test('a locked PDF asks for its password where it lies, again when it is wrong, and is read with it', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const chat = chatPage(app.page);
  const objects = pageObjects([{ content: showText('TOTAL 84.78', 20, 50) }]);
  const bytes = writeEncryptedPdf(objects, { user: 'open sesame', owner: 'own' });
  await chat.drop({ name: 'locked.pdf', type: 'application/pdf', bytes });
  const password = chat.composer.getByLabel('Password of locked.pdf');
  await password.fill('wrong');
  await password.press('Enter');
  await chat.composer.getByText('This password does not open it.').waitFor();
  await password.fill('open sesame');
  await password.press('Enter');
  await chat.file('locked.pdf').locator('img').waitFor();
  assert.deepEqual(app.faults, []);
});

test('when the context is full, the app stops and says so, or leaves out the oldest turns and marks where', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const chat = chatPage(app.page);
  const long = 'What does it say? '.repeat(250);
  await chat.ask(long);
  const { conversations } = await app.call('listConversations', {});
  for (let turn = 0; turn < 3; turn++) await chat.ask(long);
  // The newest one: those above may be out of sight.
  await chat.answers
    .last()
    .getByText(/context holds/)
    .waitFor();
  const { id } = conversations[0]!;
  await app.call('updateConversation', { id, patch: { contextPolicy: 'dropOldest' } });
  await app.page.reload();
  await chat.answers.last().waitFor();
  await chat.ask('What does it say?');
  await app.page.getByText(/older messages? (was|were) left out: the context was full/).waitFor();
  assert.deepEqual(app.faults, []);
});
