/** What is being written is never lost: not by leaving, reloading, editing something else, or writing on while it is sent. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { chatPage, sampleFile } from './support/chat-page.ts';
import { eventually } from './support/eventually.ts';
import { noBrowser, startApp } from './support/running-app.ts';
import { sidebarPage } from './support/sidebar-page.ts';

test('a draft stays with its conversation, however soon it is left', { skip: noBrowser }, async (t) => {
  const app = await startApp(t, { isScripted: true });
  const { id } = await app.call('createConversation', {});
  await app.call('updateConversation', { id, patch: { title: 'Letters' } });
  await app
    .call('createConversation', {})
    .then((other) => app.call('updateConversation', { id: other.id, patch: { title: 'Bills' } }));
  const chat = chatPage(app.page);
  const sidebar = sidebarPage(app.page);
  const written = (words: string) =>
    eventually(async () => assert.equal(await chat.question.inputValue(), words));
  const draftOf = async () => (await app.call('getDraft', { conversationId: id })).draft?.parts ?? [];

  await t.test('for another conversation', async () => {
    await sidebar.show('Letters');
    await chat.question.fill('Dear Ada');
    await sidebar.show('Bills');
    await chat.question.and(app.page.locator(':placeholder-shown')).waitFor();
    await sidebar.show('Letters');
    await written('Dear Ada');
  });

  await t.test('with what it asks for, through another conversation and a restart', async () => {
    const badge = chat.composer.getByText('Find on the picture');
    await app.page.getByRole('button', { name: 'Built-in prompts' }).click();
    await app.page.getByRole('menuitem', { name: /Find on the picture|Find something/ }).click();
    await badge.waitFor();
    await sidebar.show('Bills');
    await badge.waitFor({ state: 'hidden' });
    await sidebar.show('Letters');
    await badge.waitFor();
    await written('Dear Ada');
    await app.restart();
    await sidebar.show('Letters');
    await badge.waitFor();
    await chat.composer.getByRole('button', { name: 'Take away: Find on the picture' }).click();
    await badge.waitFor({ state: 'hidden' });
    await sidebar.show('Bills');
    await sidebar.show('Letters');
    await written('Dear Ada');
    await badge.waitFor({ state: 'hidden' });
  });

  await t.test('by a reload', async () => {
    await chat.question.fill('Dear Ada, dear Grace');
    await app.page.reload();
    await written('Dear Ada, dear Grace');
  });

  await t.test('while its file is still coming', async () => {
    let letOn = () => {};
    const held = new Promise<void>((resolve) => {
      letOn = resolve;
    });
    await app.page.route('**/upload?*', async (route) => {
      await held;
      await route.continue();
    });
    await chat.drop(sampleFile('word.png'));
    await chat.file('word.png').waitFor();
    await sidebar.show('Bills');
    letOn();
    await eventually(async () =>
      assert.deepEqual(
        (await draftOf()).map(({ type }) => type),
        ['picture', 'text'],
      ),
    );
    assert.equal(await chat.composer.getByRole('listitem').count(), 0);
    await sidebar.show('Letters');
    await chat.file('word.png').locator('img').waitFor();
    await app.page.unroute('**/upload?*');
  });

  await t.test('while an earlier question is edited and sent', async () => {
    await chat.ask('Who is it?');
    await chat.question.fill('The next thought');
    await eventually(async () =>
      assert.deepEqual(await draftOf(), [{ type: 'text', text: 'The next thought' }]),
    );
    await chat.act('question', 'Edit the question or its files');
    await written('Who is it?');
    await chat.question.fill('Who was it?');
    await chat.send.click();
    await written('The next thought');
  });

  await t.test('what is written while the question before it is on its way stays', async () => {
    let letOn = () => {};
    const held = new Promise<void>((resolve) => {
      letOn = resolve;
    });
    await app.page.route('**/api/generateMessage', async (route) => {
      await held;
      await route.continue();
    });
    await chat.stop.waitFor({ state: 'hidden' });
    await chat.question.fill('First.');
    await chat.send.click();
    await chat.question.pressSequentially(' Second.');
    letOn();
    await chat.questions.filter({ hasText: 'First.' }).waitFor();
    await written(' Second.');
    assert.equal(await chat.questions.filter({ hasText: 'Second.' }).count(), 0);
  });
  assert.deepEqual(app.faults, []);
});
