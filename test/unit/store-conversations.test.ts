/** Conversations, their trees and all that hangs on them, in a real database. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { openTemporaryStore } from '../../main/service/store/open-store.ts';
import { conversationSchema, messageSchema } from '../../preload/contract/conversations.ts';
import type { MessageId } from '../../preload/contract/ids.ts';
import { ask, openTestStore, pictureFacts, text } from '../support/open-test-store.ts';

const generation = {
  modelName: 'InternVL3-1B',
  visionPrecision: 'int8',
  decoderPrecision: 'int4',
  device: 'cpu',
  seed: 7,
  stopReason: 'eos',
  promptTokens: 300,
  visualTokens: 256,
  newTokens: 40,
  reusedPromptTokens: 0,
  visionMs: 1400.5,
  prefillMs: 900,
  firstTokenMs: 2400,
  decodeMs: 800,
  totalMs: 3200,
} as const;

test('an edit is a sibling: both branches stay, and the shown path follows the click', async (t) => {
  const { store } = await openTestStore(t);
  const { conversation, asked, answered } = ask(store, 'What is this?', 'A bill.');
  const edited = store.editMessage(asked.id, [text('What is that?')]);
  const second = store.addMessage({
    conversationId: conversation.id,
    parentId: edited.id,
    role: 'assistant',
    parts: [text('A letter.')],
  });

  const shown = () => store.listMessages(conversation.id).messages.map(({ id }) => id);
  assert.deepEqual(shown(), [edited.id, second.id]);
  assert.deepEqual(store.getMessage(edited.id).siblingIds, [asked.id, edited.id]);
  store.showBranch(answered.id);
  assert.deepEqual(shown(), [asked.id, answered.id]);
  assert.deepEqual(store.getMessage(asked.id).parts, [text('What is this?')]);
  for (const message of store.listAllMessages(conversation.id)) messageSchema.parse(message);
});

test('deleting a branch shows the nearest one beside it and keeps the others', async (t) => {
  const { store } = await openTestStore(t);
  const { conversation, asked, answered } = ask(store, 'one', 'two');
  const again = store.editMessage(answered.id, [text('three')]);
  await store.deleteMessage(again.id);
  assert.deepEqual(
    store.listMessages(conversation.id).messages.map(({ id }) => id),
    [asked.id, answered.id],
  );
  await store.deleteMessage(asked.id);
  assert.equal(store.listMessages(conversation.id).total, 0);
  assert.throws(() => store.getMessage(answered.id), { code: 'not_found' });
});

test('a chain of 302 messages is paged, jumped into and deleted', async (t) => {
  const { store } = await openTestStore(t);
  const { conversation, answered } = ask(store, 'first', 'second');
  let parentId: MessageId = answered.id;
  const ids: MessageId[] = [];
  for (let i = 0; i < 300; i++) {
    parentId = store.addMessage({
      conversationId: conversation.id,
      parentId,
      role: i % 2 ? 'assistant' : 'user',
      parts: [text(`message ${i}`)],
    }).id;
    ids.push(parentId);
  }
  const end = store.listMessages(conversation.id, { limit: 10 });
  assert.deepEqual([end.start, end.total, end.messages.at(-1)?.id], [292, 302, parentId]);
  const around = store.listMessages(conversation.id, { around: ids[100]!, limit: 20 });
  assert.equal(around.messages[10]?.id, ids[100]);
  await store.deleteConversation(conversation.id);
  assert.equal(store.listConversations().conversations.length, 0);
  assert.deepEqual(store.checkIntegrity(), []);
});

test('files and tasks of the questions above a message are told without words and answers', async (t) => {
  const { store } = await openTestStore(t);
  const { conversation, answered } = ask(store, 'words only', 'a');
  const stored = await store.putAttachment([new TextEncoder().encode('pixels')], { ...pictureFacts });
  const picture = { type: 'picture', attachmentId: stored.id, name: 'p.png', detail: 'balanced' } as const;
  const place = { conversationId: conversation.id, role: 'user' } as const;
  const question = store.addMessage({
    ...place,
    parentId: answered.id,
    parts: [picture, text('secret words')],
    task: { type: 'grounding' },
  });
  const branch = store.addMessage({ ...place, parentId: answered.id, parts: [text('another way')] });
  const last = store.addMessage({ ...place, parentId: question.id, role: 'assistant', parts: [text('b')] });
  assert.deepEqual(store.listEarlierQuestions(last.id).slice(1), [
    { id: question.id, parts: [picture], task: { type: 'grounding' } },
  ]);
  assert.deepEqual(
    store.listEarlierQuestions(branch.id).map(({ parts }) => parts),
    [[]],
    'nothing of another branch, nor of the message itself',
  );
});

test('the list is pinned first, then by change and not by clock; pages join without gap or double', async (t) => {
  const { store } = await openTestStore(t);
  const made = Array.from({ length: 25 }, (_, i) => store.createConversation({ title: `chat ${i}` }).id);
  store.updateConversation(made[3]!, { pinned: true });
  store.updateConversation(made[4]!, { archived: true });
  t.mock.method(Date, 'now', () => 1000); // a clock far back
  store.updateConversation(made[0]!, { title: 'renamed' });

  const listed = [];
  let cursor: string | null = null;
  do {
    const page = store.listConversations({ cursor, limit: 10 });
    listed.push(...page.conversations);
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.equal(listed.length, 24);
  assert.equal(new Set(listed.map(({ id }) => id)).size, 24);
  assert.deepEqual([listed[0]?.id, listed[1]?.id], [made[3], made[0]]);
  assert.equal(store.listConversations({ archived: true }).conversations[0]?.id, made[4]);
  for (const conversation of listed) conversationSchema.parse(conversation);
});

test('folders lie in each other but never in themselves; deleting one keeps what lay in it', async (t) => {
  const { store } = await openTestStore(t);
  const outer = store.createFolder('Work', null);
  const inner = store.createFolder('Bills', outer.id);
  const { conversation } = ask(store, 'q', 'a');
  store.updateConversation(conversation.id, { folderId: inner.id });
  assert.equal(store.listConversations({ folderId: inner.id }).conversations.length, 1);
  assert.equal(store.listConversations({ folderId: null }).conversations.length, 0);
  assert.throws(() => store.updateFolder({ ...outer, parentId: inner.id }), { code: 'invalid_request' });
  store.deleteFolder(inner.id);
  assert.equal(store.getConversation(conversation.id).folderId, outer.id);
});

test('tags narrow the list', async (t) => {
  const { store } = await openTestStore(t);
  const tag = store.createTag('tax');
  assert.deepEqual(store.createTag('tax'), tag);
  const { conversation } = ask(store, 'q', 'a');
  ask(store, 'other', 'a');
  store.updateConversation(conversation.id, { tagIds: [tag.id] });
  assert.deepEqual(
    store.listConversations({ tagId: tag.id }).conversations.map(({ id }) => id),
    [conversation.id],
  );
  store.deleteTag(tag.id);
  assert.deepEqual(store.getConversation(conversation.id).tagIds, []);
});

test('the first question names the conversation until a person does', async (t) => {
  const { store } = await openTestStore(t);
  const { conversation } = ask(store, `\n  How   much is it?\nand more`, 'a');
  assert.equal(store.getConversation(conversation.id).title, 'How much is it?');
  store.updateConversation(conversation.id, { title: 'Bills' });
  store.addMessage({
    conversationId: conversation.id,
    parentId: null,
    role: 'user',
    parts: [text('another')],
  });
  assert.equal(store.getConversation(conversation.id).title, 'Bills');
});

test('an answer keeps its statistics; a model’s last runs can be asked for', async (t) => {
  const { store } = await openTestStore(t);
  const { conversation, asked } = ask(store, 'q', 'a');
  const writer = store.startAnswer({ conversationId: conversation.id, parentId: asked.id });
  writer.append('Forty ', 1);
  writer.append('two.', 2);
  const message = writer.finish({ state: 'stopped', generation: { ...generation } });
  assert.deepEqual(message.parts, [text('Forty two.')]);
  assert.deepEqual(message.generation, generation);
  assert.deepEqual(store.listGenerations('InternVL3-1B', 5), [generation]);

  const more = store.resumeAnswer(message.id);
  more.append(' And more.', 3);
  assert.deepEqual(more.finish({ state: 'complete', generation: null }).parts, [
    text('Forty two. And more.'),
  ]);
});

test('an answer deleted while it is written ends with not_found and leaves nothing', async (t) => {
  const { store } = await openTestStore(t);
  const { conversation, asked } = ask(store, 'q', 'a');
  const writer = store.startAnswer({ conversationId: conversation.id, parentId: asked.id });
  await store.deleteConversation(conversation.id);
  writer.append('late', 1);
  assert.throws(() => writer.flush(), { code: 'not_found' });
  assert.throws(() => writer.finish({ state: 'complete', generation: null }), { code: 'not_found' });
  assert.deepEqual(store.checkIntegrity(), []);
});

test('settings have defaults, keep what is set, and one spoilt value spoils itself only', async (t) => {
  const opened = await openTestStore(t);
  assert.equal(opened.store.getSettings().theme, 'system');
  opened.store.updateSettings({ theme: 'dark', sampling: { temperature: 0.2 } });
  const store = await opened.reopen();
  assert.deepEqual([store.getSettings().theme, store.getSettings().sampling], ['dark', { temperature: 0.2 }]);
  store.updateSettings({ theme: 'no such' as 'dark', language: 'de' });
  assert.deepEqual([store.getSettings().theme, store.getSettings().language], ['system', 'de']);
});

test('drafts survive a restart, one for each conversation and one for none', async (t) => {
  const opened = await openTestStore(t);
  const { conversation } = ask(opened.store, 'q', 'a');
  opened.store.saveDraft(null, [text('new')]);
  opened.store.saveDraft(conversation.id, [text('old')]);
  const store = await opened.reopen();
  assert.deepEqual(store.getDraft(null)?.parts, [text('new')]);
  assert.deepEqual(store.getDraft(conversation.id)?.parts, [text('old')]);
  store.saveDraft(null, []);
  assert.equal(store.getDraft(null), null);
});

test('a draft keeps what it asks for, which is a draft even without words', async (t) => {
  const opened = await openTestStore(t);
  const { conversation } = ask(opened.store, 'q', 'a');
  const form = { type: 'extraction', name: 'Receipt', schema: { type: 'object' } } as const;
  opened.store.saveDraft(conversation.id, [], form);
  opened.store.saveDraft(null, [text('where is it?')], { type: 'grounding' });
  const store = await opened.reopen();
  assert.deepEqual(store.getDraft(conversation.id)?.task, form);
  assert.deepEqual(store.getDraft(null)?.task, { type: 'grounding' });
  store.saveDraft(null, [text('what is it?')]);
  assert.ok(!('task' in (store.getDraft(null) ?? {})));
  store.saveDraft(conversation.id, []);
  assert.equal(store.getDraft(conversation.id), null);
});

test('the profile is private: files 0600, folders 0700', {
  skip: process.platform === 'win32',
}, async (t) => {
  const { store, profile } = await openTestStore(t);
  await store.putAttachment([new Uint8Array(9)], {
    kind: 'picture',
    mediaType: 'image/png',
    widthPx: 1,
    heightPx: 1,
    pageCount: null,
    durationMs: null,
  });
  await store.backUpDaily();
  const entries = readdirSync(profile, { recursive: true }).map(String);
  assert.ok(entries.length >= 6);
  for (const name of entries) {
    const found = statSync(join(profile, name));
    assert.equal(found.mode & 0o777, found.isDirectory() ? 0o700 : 0o600, name);
  }
});

test('a temporary store holds conversations and files without a folder', async (t) => {
  const store = await openTemporaryStore();
  t.after(() => store.closeStore());
  const { conversation } = ask(store, 'secret', 'answer');
  assert.equal(conversation.temporary, true);
  assert.equal(store.searchMessages({ text: 'secret' }).hits.length, 2);
  assert.equal(await store.backUpDaily(), false);
});
