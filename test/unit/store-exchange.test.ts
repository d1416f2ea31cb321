/** Exports and imports: nothing lost on a round trip, nothing believed of a hostile archive. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import { toDocument } from '../../main/service/store/exchange/document.ts';
import { exportConversations } from '../../main/service/store/exchange/export.ts';
import { importArchive } from '../../main/service/store/exchange/import.ts';
import type { Store } from '../../main/service/store/open-store.ts';
import type { ExportFormat } from '../../preload/contract/conversations.ts';
import type { ConversationId } from '../../preload/contract/ids.ts';
import { ask, openTestStore, pictureFacts, text } from '../support/open-test-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', 'golden', 'imports');

async function exported(store: Store, ids: ConversationId[], format: ExportFormat): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(exportConversations(store, ids, format)));
}

/** A conversation with everything in it. */
async function fullConversation(store: Store): Promise<ConversationId> {
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
  const file = await store.putAttachment([png], { ...pictureFacts });
  const { conversation, asked, answered } = ask(
    store,
    '发票 <script>alert(1)</script>',
    '| a | b |\n|---|---|',
  );
  const folder = store.createFolder('Bills', store.createFolder('Work', null).id);
  store.updateConversation(conversation.id, {
    title: 'A "title" <b> & more',
    folderId: folder.id,
    tagIds: [store.createTag('tax').id],
    pinned: true,
    systemText: 'Be brief.',
    sampling: { temperature: 0.5, seed: 3 },
    contextPolicy: 'dropOldest',
  });
  store.editMessage(answered.id, [text('another answer')]);
  const name = 'x" onerror="alert(1)';
  const at = { attachmentId: file.id, name, detail: 'smallPrint' } as const;
  store.addMessage({
    conversationId: conversation.id,
    parentId: answered.id,
    role: 'user',
    parts: [
      { type: 'picture', ...at },
      { type: 'region', ...at, page: null, timeMs: null, box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 } },
      { type: 'document', ...at, pages: [{ page: 2, as: 'both' }] },
      { type: 'film', ...at, startMs: 0, endMs: 900, frameTimesMs: [0, 450.5] },
      text('and this?'),
    ],
  });
  store.showBranch(asked.id);
  return conversation.id;
}

test('a zip brings back every conversation with tree, branches, files, folder, tags and settings', async (t) => {
  const { store } = await openTestStore(t);
  const ids = [await fullConversation(store), ask(store, 'second', 'chat').conversation.id];
  const path = join(await temporaryFolder(t), 'export.zip');
  await writeFile(path, await exported(store, ids, 'zip'));

  const { store: other } = await openTestStore(t);
  const report = await importArchive(other, path);
  assert.deepEqual(
    [report.importedIds, report.messages, report.attachments, report.leftOut],
    [ids, 6, 1, []],
  );
  for (const id of ids) assert.deepEqual(toDocument(other, id), toDocument(store, id));
  const { attachments } = toDocument(store, ids[0]!);
  assert.deepEqual(
    await other.readAttachment(attachments[0]!.id),
    await store.readAttachment(attachments[0]!.id),
  );

  const again = await importArchive(other, path);
  assert.deepEqual([again.importedIds, again.alreadyThere], [[], 2]);
});

test('JSON brings back the tree; files that are not here are told by name', async (t) => {
  const { store } = await openTestStore(t);
  const id = await fullConversation(store);
  const plain = ask(store, 'no', 'files').conversation.id;
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'one.json'), await exported(store, [plain], 'json'));
  await writeFile(join(folder, 'two.json'), await exported(store, [id, plain], 'json'));
  const { store: other } = await openTestStore(t);
  await importArchive(other, join(folder, 'one.json'));
  assert.deepEqual(toDocument(other, plain), toDocument(store, plain));
  const report = await importArchive(other, join(folder, 'two.json'));
  assert.deepEqual([report.importedIds, report.alreadyThere, report.leftOut.length], [[id], 1, 4]);
});

test('HTML shows pictures, runs nothing and fetches nothing, whatever the texts say', async (t) => {
  const { store } = await openTestStore(t);
  const id = await fullConversation(store);
  store.addMessage({
    conversationId: id,
    parentId: null,
    role: 'user',
    parts: [text('<img src=https://evil.test/x.png onerror=alert(1)> ![x](https://evil.test/y.png)')],
  });
  store.showBranch(store.listAllMessages(id).at(-2)!.id);
  const html = (await exported(store, [id], 'html')).toString();
  assert.match(html, /<img src="data:image\/png;base64,/);
  assert.match(html, /default-src 'none'/);
  assert.doesNotMatch(html, /<script|<b>|" onerror=|src="http|href=/);
  assert.match(html, /left:10\.00%;top:20\.00%;width:30\.00%;height:40\.00%/);
  const evil = await exported(store, [ask(store, '</div><iframe src=x>', '\'"&').conversation.id], 'html');
  assert.doesNotMatch(evil.toString(), /<iframe/);
});

test('Markdown holds the shown path', async (t) => {
  const { store } = await openTestStore(t);
  const { conversation, answered } = ask(store, 'What is it?', 'A bill.');
  store.editMessage(answered.id, [text('A *letter*.')]);
  assert.equal(
    (await exported(store, [conversation.id], 'markdown')).toString(),
    '# What is it?\n\n## Question\n\nWhat is it?\n\n## Answer\n\nA *letter*.\n',
  );
});

test('Markdown folds what an answer thought, and only that', async (t) => {
  const { store } = await openTestStore(t);
  const markdownOf = async (question: string, answer: string) =>
    (await exported(store, [ask(store, question, answer).conversation.id], 'markdown')).toString();
  const whole = await markdownOf('2 + 2?', '<think>\ntwo and two\n</think>\n\nFour.');
  assert.match(whole, /<details>\n<summary>Thought<\/summary>\n\ntwo and two\n\n<\/details>\n\nFour\.\n$/);
  const cutOff = await markdownOf('2 + 2?', '<think>two and');
  assert.match(cutOff, /<summary>Thought \(cut off\)<\/summary>\n\ntwo and\n/);
  for (const text of [whole, cutOff]) assert.doesNotMatch(text, /<\/?think>/);
  const told = await markdownOf('What does <think> do?', 'It is `<think>`.');
  assert.ok(told.includes('What does <think> do?') && told.includes('It is `<think>`.'), 'only talked about');
});

test('a ChatGPT archive comes in as a tree, tool traffic folded, both answers there', async (t) => {
  const { store } = await openTestStore(t);
  const zip = join(await temporaryFolder(t), 'chatgpt.zip');
  const { readFileSync } = await import('node:fs');
  const json = readFileSync(join(fixtures, 'chatgpt-conversations.json'));
  await writeFile(
    zip,
    zipSync({ 'chat.html': strToU8('<html>'), 'conversations.json': json, 'user.json': strToU8('{}') }),
  );
  for (const path of [join(fixtures, 'chatgpt-conversations.json'), zip]) {
    const report = await importArchive(store, path);
    assert.deepEqual([report.source, report.messages, report.leftOut.length], ['chatgpt', 3, 1]);
    const { messages } = store.listMessages(report.importedIds[0]!);
    assert.deepEqual(
      messages.map(({ parts }) => parts),
      [[text('What is the total?')], [text('The total is 12.50 euro.')]],
    );
    assert.equal(messages[1]?.siblingIds.length, 2);
    assert.equal(store.getConversation(report.importedIds[0]!).createdAtMs, 1750000000500);
  }
});

test('pictures of a ChatGPT archive come in with it, by what their bytes are', async (t) => {
  const { store } = await openTestStore(t);
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 7]);
  const node = (parent: string | null, parts: unknown[]) => ({
    parent,
    message: { author: { role: 'user' }, content: { content_type: 'multimodal_text', parts } },
  });
  const pointer = (asset_pointer: string) => ({
    content_type: 'image_asset_pointer',
    asset_pointer,
    width: 640,
    height: 480,
  });
  const mapping = {
    a: node(null, [pointer('file-service://file-AbCd'), 'What is this?']),
    b: node('a', [pointer('sediment://file_00ef')]),
    c: node('b', [pointer('file-service://file-Page'), 'And this?']),
    d: node('c', [pointer('file-service://file-Gone')]),
  };
  const zip = join(await temporaryFolder(t), 'chatgpt.zip');
  await writeFile(
    zip,
    zipSync({
      'file-AbCd-receipt.png': png,
      'user-1/file_00ef-sanitized.dat': Uint8Array.from([...png, 8]),
      'file-Page.html': strToU8('<script>alert(1)</script>'),
      'file-AbCdE-other.png': Uint8Array.from([...png, 9]),
      'conversations.json': strToU8(JSON.stringify([{ title: 'Pictures', current_node: 'd', mapping }])),
    }),
  );
  const report = await importArchive(store, zip);
  assert.deepEqual([report.messages, report.attachments, report.leftOut.length], [4, 2, 2]);
  const { messages } = store.listMessages(report.importedIds[0]!);
  const [first, second, third, fourth] = messages.map(({ parts }) => parts);
  assert.ok(first?.[0]?.type === 'picture' && first[0].name === 'file-AbCd-receipt.png');
  assert.deepEqual(first[1], text('What is this?'));
  const { mediaType, widthPx, heightPx } = store.getAttachment(first[0].attachmentId);
  assert.deepEqual([mediaType, widthPx, heightPx], ['image/png', 640, 480]);
  assert.deepEqual(await store.readAttachment(first[0].attachmentId), Buffer.from(png));
  assert.deepEqual(
    second?.map(({ type }) => type),
    ['picture'],
  );
  assert.deepEqual(third, [text('And this?')]);
  assert.deepEqual(fourth, [text('[picture]')]);
  assert.equal((await importArchive(store, zip)).attachments, 0, 'a second import brings no new file');
});

test('an import that is stopped leaves whole conversations only', async (t) => {
  const { store } = await openTestStore(t);
  const stop = new AbortController();
  stop.abort();
  const path = join(fixtures, 'lm-studio.conversation.json');
  await assert.rejects(importArchive(store, path, stop.signal), { name: 'AbortError' });
  assert.equal(store.listConversations().conversations.length, 0);
});

test('an LM Studio conversation comes in with its versions as branches', async (t) => {
  const { store } = await openTestStore(t);
  const report = await importArchive(store, join(fixtures, 'lm-studio.conversation.json'));
  const id = report.importedIds[0]!;
  assert.deepEqual([report.source, store.getConversation(id).systemText], ['lm-studio', 'You know birds.']);
  const { messages } = store.listMessages(id);
  assert.deepEqual(
    messages.map(({ parts }) => parts),
    [[text('Which bird is this?')], [text('A wren.\n\nLook at the tail.')], [text('Thanks!')]],
  );
  assert.equal(messages[1]?.siblingIds.length, 2);
});

test('pictures of an LM Studio archive come in with it, and other files are told', async (t) => {
  const { store } = await openTestStore(t);
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 5]);
  const file = (fileIdentifier: string) => ({
    type: 'file',
    fileIdentifier,
    fileType: 'image',
    sizeBytes: 9,
  });
  const asked = (...content: unknown[]) => ({
    versions: [{ type: 'singleStep', role: 'user', content }],
    currentlySelected: 0,
  });
  const conversation = {
    name: 'Birds',
    createdAt: 1750000000000,
    messages: [
      asked({ type: 'text', text: 'Which bird?' }, file('1750 - 1.png')),
      asked(file('list.pdf')),
      asked(file('../../evil.png')),
    ],
  };
  const json = strToU8(JSON.stringify(conversation));
  const folder = await temporaryFolder(t);
  await writeFile(
    join(folder, 'all.zip'),
    zipSync({
      'lmstudio/conversations/1.conversation.json': json,
      'lmstudio/user-files/1750 - 1.png': png,
      'lmstudio/user-files/list.pdf': strToU8('%PDF-1.7'),
      'lmstudio/user-files/1750 - 1.png.metadata.json': strToU8('{}'),
      'evil.png': Uint8Array.from([...png, 6]),
    }),
  );
  const report = await importArchive(store, join(folder, 'all.zip'));
  assert.deepEqual(
    [report.source, report.messages, report.attachments, report.leftOut],
    ['lm-studio', 3, 1, ['2 files of "Birds".']],
  );
  const parts = store.listMessages(report.importedIds[0]!).messages.map((message) => message.parts);
  assert.ok(parts[0]?.[0]?.type === 'picture' && parts[0][0].name === '1750 - 1.png');
  assert.deepEqual(await store.readAttachment(parts[0][0].attachmentId), Buffer.from(png));
  assert.deepEqual(parts.slice(1), [[text('[file]')], [text('[file]')]]);

  await writeFile(join(folder, 'one.conversation.json'), json);
  const alone = await importArchive(store, join(folder, 'one.conversation.json'));
  assert.match(alone.leftOut.join(), /^3 files of "Birds"\. Pictures come along in a zip of .*user-files/);
});

test('circles, self-parents and missing parents in a tree end, and every text is there', async (t) => {
  const { store } = await openTestStore(t);
  const node = (parent: string | null, value: string) => ({
    parent,
    message: { author: { role: 'user' }, content: { content_type: 'text', parts: [value] } },
  });
  const empty = (parent: string) => ({ parent, message: null });
  const mapping = {
    a: node('c', 'a'),
    b: node('a', 'b'),
    c: node('b', 'c'),
    self: node('self', 'self'),
    lost: node('nowhere', 'lost'),
    x: empty('y'),
    y: empty('x'),
    under: node('x', 'under'),
    ['__proto__']: node('a', 'proto'),
  };
  const path = join(await temporaryFolder(t), 'conversations.json');
  await writeFile(path, JSON.stringify([{ title: 'circle', current_node: 'c', mapping }]));
  const report = await importArchive(store, path);
  const texts = store
    .listAllMessages(report.importedIds[0]!)
    .map(({ parts }) => (parts[0] as { text: string }).text);
  for (const value of ['a', 'b', 'c', 'self', 'lost', 'under']) assert.ok(texts.includes(value), value);
  assert.deepEqual(store.checkIntegrity(), []);
});

test('hostile archives end in a typed error, and nothing is written outside or inside', async (t) => {
  const { store, profile } = await openTestStore(t);
  const folder = await temporaryFolder(t);
  const bomb = zipSync({ 'conversations.json': new Uint8Array(80_000_000) }, { level: 3 });
  const good = zipSync({ 'conversations.json': strToU8('[]'.padStart(100_000)) }, { level: 0 });
  const cases: [name: string, bytes: Uint8Array, code: string][] = [
    ['slip', zipSync({ '../../evil.json': strToU8('x'), '/etc/evil': strToU8('x') }), 'media_unsupported'],
    ['bomb', bomb, 'media_too_large'],
    ['deep', strToU8(`${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}`), 'media_broken'],
    ['deep objects', strToU8(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`), 'media_broken'],
    ['cut', good.subarray(0, 50_000), 'media_broken'],
    ['no JSON', strToU8('{"messages": ['), 'media_broken'],
    ['not text', Uint8Array.from([0xff, 0xfe, 0x00]), 'media_broken'],
    ['other JSON', strToU8('{"hello": "world"}'), 'media_unsupported'],
    ['empty', new Uint8Array(), 'media_broken'],
    ['later version', strToU8('{"format":"internvl-desktop-conversation","version":2}'), 'media_unsupported'],
    ['null', strToU8('null'), 'media_unsupported'],
  ];
  for (const [name, bytes, code] of cases) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    await assert.rejects(importArchive(store, path), { name: 'AppError', code }, name);
  }
  assert.equal(store.listConversations().conversations.length, 0);
  assert.ok(!existsSync(join(folder, '..', 'evil.json')) && !existsSync('/etc/evil'));
  assert.ok(!readdirSync(profile, { recursive: true }).some((name) => String(name).includes('evil')));
});

test('a file that lies about its sha256 is not taken for another', async (t) => {
  const { store } = await openTestStore(t);
  const id = await fullConversation(store);
  const document = toDocument(store, id);
  const name = `attachments/${document.attachments[0]!.id}`;
  const path = join(await temporaryFolder(t), 'lie.zip');
  const entries = {
    'conversations.jsonl': strToU8(JSON.stringify(document)),
    [name]: strToU8('other bytes'),
  };
  await writeFile(path, zipSync(entries));
  const { store: other } = await openTestStore(t);
  const report = await importArchive(other, path);
  assert.equal(report.leftOut.length, 4);
  assert.ok(!other.hasAttachment(document.attachments[0]!.id));
});
