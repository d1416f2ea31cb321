/** Search in three languages, with real questions and hostile ones. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Store } from '../../main/service/store/open-store.ts';
import { makeSnippet } from '../../main/service/store/snippet.ts';
import { ask, openTestStore, text } from '../support/open-test-store.ts';

const found = (store: Store, words: string) =>
  store.searchMessages({ text: words }).hits.filter(({ role }) => role === 'assistant').length;

test('English, German and Chinese are found, by words, by beginnings and by two characters', async (t) => {
  const { store } = await openTestStore(t);
  ask(store, 'q', 'The invoice total is 1,234.56 dollars, due in March.');
  ask(store, 'q', 'Die Müllgebühr für die Hauptstraße beträgt fünf Euro.');
  ask(store, 'q', '这张发票的总金额是一千元,请在三月付款。');
  const expected: [string, number][] = [
    ['invoice', 1],
    ['INVOICE march', 1],
    ['invo', 1],
    ['1,234.56', 1],
    ['"total is"', 1],
    ['"is total"', 0],
    ['invoice euro', 0],
    ['müllgebühr', 1],
    ['mullgebuhr', 1],
    ['hauptstrasse', 1],
    ['HAUPTSTRASSE', 1],
    ['发票', 1],
    ['金额', 1],
    ['票', 1],
    ['额金', 0],
    ['发票 三月', 1],
    ['发票', 1],
  ];
  for (const [words, count] of expected) assert.equal(found(store, words), count, words);
});

test('a hit says where it is: conversation, message, and a snippet with the words marked', async (t) => {
  const { store } = await openTestStore(t);
  const long = `${'padding words '.repeat(50)}the Straße of gold ${'more words '.repeat(50)}`;
  const { conversation, answered } = ask(store, 'q', long);
  const hit = store.searchMessages({ text: 'strasse gold' }).hits[0]!;
  assert.deepEqual([hit.conversationId, hit.messageId], [conversation.id, answered.id]);
  assert.deepEqual(
    hit.snippet.filter(({ isHit }) => isHit).map((piece) => piece.text),
    ['Straße', 'gold'],
  );
  assert.ok(hit.snippet.map((piece) => piece.text).join('').length < 170);
});

test('titles are found too; pages join without gap or double; one conversation can be searched alone', async (t) => {
  const { store } = await openTestStore(t);
  const all = Array.from({ length: 25 }, (_, i) => ask(store, `needle ${i}`, 'hay'));
  store.updateConversation(all[24]!.conversation.id, { title: 'Haystack needle' });
  const first = store.searchMessages({ text: 'needle', limit: 10 });
  assert.ok(first.hits.some(({ messageId, title }) => messageId === null && title === 'Haystack needle'));
  const messages = new Set<string>();
  for (
    let page = first;
    ;
    page = store.searchMessages({ text: 'needle', limit: 10, cursor: page.nextCursor })
  ) {
    for (const { messageId } of page.hits) if (messageId) messages.add(messageId);
    if (page.nextCursor === null) break;
  }
  assert.equal(messages.size, 25);
  assert.equal(
    store.searchMessages({ text: 'needle', conversationId: all[3]!.conversation.id }).hits.length,
    1,
  );
});

test('what is deleted or replaced is found no more', async (t) => {
  const { store } = await openTestStore(t);
  const { conversation, asked } = ask(store, 'zebra', 'giraffe');
  assert.equal(store.searchMessages({ text: 'zebra' }).hits.length, 2);
  await store.deleteMessage(asked.id);
  assert.equal(store.searchMessages({ text: 'giraffe' }).hits.length, 0);
  store.updateConversation(conversation.id, { title: 'Something else' });
  assert.equal(store.searchMessages({ text: 'zebra' }).hits.length, 0);
});

test('no text a person types is an error or an operator', async (t) => {
  const { store } = await openTestStore(t);
  ask(store, 'alpha', 'beta');
  const hostile = [
    '"',
    '""',
    '*',
    'NOT',
    'alpha OR beta',
    'text:alpha',
    'NEAR(alpha beta)',
    '^alpha',
    '-',
    '\0',
    '(',
    'a"b',
  ];
  for (const words of hostile) assert.ok(Array.isArray(store.searchMessages({ text: words }).hits), words);
  assert.equal(found(store, 'alpha OR beta'), 0);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (words) => {
      store.searchMessages({ text: words });
    }),
    { seed: 5, numRuns: 150 },
  );
});

test('a word of a text is found in it, and the snippet is a stretch of the text', async (t) => {
  const { store } = await openTestStore(t);
  const conversation = store.createConversation({ title: 't' });
  const word = fc.string({
    unit: fc.constantFrom(...'abcäöüßéñ天气发票あいう한글жд09'),
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), fc.nat(), (words, pick) => {
      const whole = words.join(' ');
      const { id } = store.addMessage({
        conversationId: conversation.id,
        parentId: null,
        role: 'user',
        parts: [text(whole)],
      });
      const hit = store
        .searchMessages({ text: `"${words[pick % words.length]!}"`, limit: 100 })
        .hits.find(({ messageId }) => messageId === id);
      assert.ok(hit, whole);
      const pieces = hit.snippet.map((piece) => piece.text).filter((piece) => piece !== '…');
      assert.ok(whole.includes(pieces.join('')));
    }),
    { seed: 6, numRuns: 40 },
  );
});

test('a snippet of an answer shows its words without the marks of boxes and thoughts', async (t) => {
  const { store } = await openTestStore(t);
  const marked = '<think>hm</think> The <ref>grand total</ref><box>[[100,300,900,600]]</box> is here.';
  ask(store, `what of ${marked}`, marked);
  const shown = store
    .searchMessages({ text: 'total' })
    .hits.map(({ role, snippet }) => [role, snippet.map((piece) => piece.text).join('')] as const);
  assert.deepEqual(Object.fromEntries(shown), {
    user: `…of ${marked}`,
    assistant: 'hm The grand total is here.',
  });
});

test('a snippet never cuts a character in two', () => {
  const snippet = makeSnippet(`${'😀'.repeat(300)} word`, ['word']);
  assert.ok(snippet.every((piece) => piece.text.isWellFormed()));
});
