/** Thinking mode, tasks and choices are kept, also over a restart and an export. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { documentSchema, toDocument } from '../../main/service/store/exchange/document.ts';
import { fromDocument } from '../../main/service/store/exchange/own.ts';
import type { Choice, Task } from '../../preload/contract/tasks.ts';
import { openTestStore } from '../support/open-test-store.ts';

const task: Task = { type: 'extraction', name: 'Receipt', schema: { type: 'object' } };
const text = (value: string) => [{ type: 'text' as const, text: value }];

test('what a question asks for and which answer was chosen are there after a restart', async (t) => {
  const { profile, store } = await openTestStore(t);
  const conversation = store.createConversation({ thinking: true });
  const conversationId = conversation.id;
  const question = store.addMessage({ conversationId, parentId: null, role: 'user', parts: text('a'), task });
  const answers = ['x', 'y'].map((said) =>
    store.addMessage({ conversationId, parentId: question.id, role: 'assistant', parts: text(said) }),
  );
  const candidates = answers.map(({ id }) => ({ messageId: id, votes: 1, meanLogprob: null }));
  const choice: Choice = { method: 'first', chosenId: answers[0]!.id, candidates };
  assert.equal(store.listMessages(conversationId).messages.at(-1)?.id, answers[1]!.id, 'the newest is shown');
  store.setChoice(choice);
  store.closeStore();

  const again = (await openTestStore(t, profile)).store;
  assert.equal(again.getConversation(conversationId).thinking, true);
  const { messages } = again.listMessages(conversationId);
  assert.deepEqual([messages[0]?.task, messages[1]?.id], [task, answers[0]!.id]);
  for (const { id } of answers) assert.deepEqual(again.getMessage(id).choice, choice);
  assert.equal(again.updateConversation(conversationId, { thinking: false }).thinking, false);
  assert.equal(again.editMessage(question.id, text('b')).task, undefined);
});

test('an export holds thinking mode and tasks, and one from before is read without', async (t) => {
  const { store } = await openTestStore(t);
  const { id } = store.createConversation({ thinking: true });
  store.addMessage({ conversationId: id, parentId: null, role: 'user', parts: text('a'), task });
  const document = toDocument(store, id);
  const { thinking: _, ...older } = document.conversation;
  assert.equal(documentSchema.parse({ ...document, conversation: older }).conversation.thinking, false);

  const other = (await openTestStore(t)).store;
  const imported = other.importConversation(fromDocument(documentSchema.parse(document)))!;
  assert.equal(other.getConversation(imported).thinking, true);
  assert.deepEqual(other.listMessages(imported).messages[0]?.task, task);
});
