/** The list at the side: its rows by date, its place-keeping, its keyboard and its choice of several. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Conversation } from '../../preload/contract/conversations.ts';
import type { ConversationId, FolderId, TagId } from '../../preload/contract/ids.ts';
import { arrangeRows } from '../../renderer/features/conversations/arrange-rows.ts';
import { keepPicked, nothingPicked, pickRow } from '../../renderer/features/conversations/pick-rows.ts';
import {
  appendPage,
  type ListView,
  type LoadedList,
  placeConversation,
} from '../../renderer/features/conversations/place-conversation.ts';
import { nextRow } from '../../renderer/features/conversations/row-keys.ts';

const dayMs = 86_400_000;
/** A Wednesday at noon. */
const nowMs = new Date(2026, 6, 15, 12).getTime();
const everything: ListView = { type: 'all' };

function conversation(name: string, change: Partial<Conversation> = {}): Conversation {
  return {
    id: `conversation-${name}` as ConversationId,
    title: name,
    titleFrom: 'auto',
    pinned: false,
    archived: false,
    folderId: null,
    tagIds: [],
    systemText: null,
    sampling: {},
    contextPolicy: 'stop',
    thinking: false,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    temporary: false,
    ...change,
  };
}

const aged = (name: string, days: number) => conversation(name, { updatedAtMs: nowMs - days * dayMs });
const titles = ({ conversations }: LoadedList) => conversations.map(({ title }) => title);

test('rows stand under pinned, today, yesterday, last week, last month, then under calendar months', () => {
  const rows = arrangeRows(
    [
      conversation('kept', { pinned: true, updatedAtMs: nowMs - 400 * dayMs }),
      aged('a', 0),
      aged('b', 1),
      aged('c', 6),
      aged('d', 29),
      conversation('e', { updatedAtMs: new Date(2026, 4, 31).getTime() }),
      conversation('f', { updatedAtMs: new Date(2026, 4, 1).getTime() }),
      conversation('g', { updatedAtMs: new Date(2025, 4, 20).getTime() }),
    ],
    nowMs,
  );
  assert.deepEqual(
    rows.map((row) => (row.kind === 'heading' ? row.key : row.conversation.title)),
    [
      ...['heading-pinned', 'kept', 'heading-today', 'a', 'heading-yesterday', 'b', 'heading-week', 'c'],
      ...['heading-month', 'd', 'heading-2026-4', 'e', 'f', 'heading-2025-4', 'g'],
    ],
  );
});

test('yesterday begins at midnight and not 24 hours ago, and a clock that runs ahead counts as today', () => {
  const lateLastNight = conversation('a', { updatedAtMs: new Date(2026, 6, 14, 23, 59).getTime() });
  const justAfterMidnight = conversation('b', { updatedAtMs: new Date(2026, 6, 15, 0, 1).getTime() });
  const ahead = conversation('c', { updatedAtMs: nowMs + 3 * dayMs });
  const groups = arrangeRows([ahead, justAfterMidnight, lateLastNight], nowMs).flatMap((row) =>
    row.kind === 'heading' ? [row.group.type] : [],
  );
  assert.deepEqual(groups, ['today', 'yesterday']);
});

test('a changed conversation moves to its place, below the pinned ones', () => {
  const list = {
    conversations: [conversation('kept', { pinned: true }), aged('a', 1), aged('b', 2)],
    nextCursor: null,
  };
  const changed = aged('b', 0);
  assert.deepEqual(titles(placeConversation(list, everything, changed)), ['kept', 'b', 'a']);
  const pinned = { ...aged('b', 0), pinned: true };
  assert.deepEqual(titles(placeConversation(list, everything, pinned)), ['b', 'kept', 'a']);
});

test('a conversation that leaves the view leaves the list, and one that enters it is taken in', () => {
  const folder = 'folder-1234' as FolderId;
  const tag = 'tag-12345678' as TagId;
  const list = { conversations: [conversation('a'), conversation('b')], nextCursor: null };
  const archived = conversation('a', { archived: true });
  assert.deepEqual(titles(placeConversation(list, everything, archived)), ['b']);
  assert.deepEqual(titles(placeConversation(list, { type: 'archive' }, archived)), ['a', 'b']);
  assert.deepEqual(titles(placeConversation(list, { type: 'folder', id: folder }, conversation('b'))), ['a']);
  const tagged = conversation('c', { tagIds: [tag] });
  assert.deepEqual(titles(placeConversation(list, { type: 'tag', id: tag }, tagged)), ['c', 'a', 'b']);
});

test('a change behind the loaded stretch is left to the next page', () => {
  const list = { conversations: [aged('a', 0), aged('b', 1)], nextCursor: 'more' };
  assert.deepEqual(titles(placeConversation(list, everything, aged('old', 9))), ['a', 'b']);
  const whole = { ...list, nextCursor: null };
  assert.deepEqual(titles(placeConversation(whole, everything, aged('old', 9))), ['a', 'b', 'old']);
});

test('no sequence of pages and changes shows a conversation twice (property)', () => {
  const item = fc.record({
    name: fc.integer({ min: 0, max: 12 }),
    days: fc.integer({ min: 0, max: 40 }),
    pinned: fc.boolean(),
  });
  const made = ({ name, days, pinned }: { name: number; days: number; pinned: boolean }) => ({
    ...aged(`${name}`, days),
    pinned,
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(item, fc.array(item, { maxLength: 5 })), { maxLength: 30 }), (steps) => {
      let list: LoadedList = { conversations: [], nextCursor: 'more' };
      for (const step of steps) {
        if (!Array.isArray(step)) list = placeConversation(list, everything, made(step));
        else {
          const page = [...new Map(step.map((entry) => [entry.name, made(entry)])).values()];
          list = appendPage(list, { conversations: page, nextCursor: 'more' });
        }
      }
      assert.equal(new Set(titles(list)).size, list.conversations.length);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('arrow keys go from conversation to conversation over the headings, and stop at the ends', () => {
  const rows = arrangeRows([aged('a', 0), aged('b', 1), aged('c', 1)], nowMs);
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ['heading', 'conversation', 'heading', 'conversation', 'conversation'],
  );
  assert.equal(nextRow(rows, 1, 'ArrowDown'), 3);
  assert.equal(nextRow(rows, 3, 'ArrowUp'), 1);
  assert.equal(nextRow(rows, 1, 'ArrowUp'), 1);
  assert.equal(nextRow(rows, 4, 'ArrowDown'), 4);
  assert.equal(nextRow(rows, 4, 'Home'), 1);
  assert.equal(nextRow(rows, 1, 'End'), 4);
  assert.equal(nextRow(rows, 1, 'PageDown'), 4);
  assert.equal(nextRow(rows, 1, 'x'), null);
  assert.equal(nextRow([], 0, 'ArrowDown'), null);
});

test('several are chosen one by one or as a stretch, and those that leave the list leave the choice', () => {
  const rows = arrangeRows(
    ['a', 'b', 'c', 'd'].map((name) => aged(name, 0)),
    nowMs,
  );
  const id = (name: string) => `conversation-${name}` as ConversationId;
  const one = pickRow(nothingPicked, rows, id('b'), 'toggle');
  assert.deepEqual([...one.ids], [id('b')]);
  const stretch = pickRow(one, rows, id('d'), 'stretch');
  assert.deepEqual([...stretch.ids], [id('b'), id('c'), id('d')]);
  const back = pickRow(stretch, rows, id('a'), 'stretch');
  assert.deepEqual([...back.ids], [id('a'), id('b')]);
  assert.deepEqual([...pickRow(back, rows, id('a'), 'toggle').ids], [id('b')]);
  const fewer = arrangeRows([aged('a', 0)], nowMs);
  assert.deepEqual([...keepPicked(back, fewer).ids], [id('a')]);
  assert.equal(keepPicked(back, rows), back, 'an unchanged choice stays the same object');
});
