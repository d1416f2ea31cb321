/** Damage: backups, and what comes back from a broken file. The original is always kept. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { listBackups } from '../../main/service/store/backups.ts';
import { openStore, type Store, storePaths } from '../../main/service/store/open-store.ts';
import { repairStore } from '../../main/service/store/repair.ts';
import { ask, openTestStore, text } from '../support/open-test-store.ts';

const pageSize = 4096;

/** 60 chats, a backup, 20 more chats, closed. */
async function filledProfile(t: TestContext): Promise<string> {
  const { store, profile } = await openTestStore(t);
  const add = (from: number, to: number) => {
    for (let i = from; i < to; i++) ask(store, `question ${i}`, `answer ${i} ${'long '.repeat(100)}`);
  };
  add(0, 60);
  await store.backUpDaily();
  add(60, 80);
  store.closeStore();
  return profile;
}

function texts(store: Store): Set<string> {
  const all = store
    .listConversations({ limit: 200 })
    .conversations.flatMap(({ id }) => store.listAllMessages(id));
  return new Set(
    all.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'text' ? [part.text.slice(0, 12)] : [])),
    ),
  );
}

async function repaired(t: TestContext, profile: string) {
  const report = await repairStore(profile);
  const { store } = await openTestStore(t, profile);
  assert.deepEqual(store.checkIntegrity(), []);
  return { report, store };
}

/** A seeded number generator. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('the day’s backup is made once, checked, and seven are kept', async (t) => {
  const { store, profile } = await openTestStore(t);
  ask(store, 'q', 'a');
  const dayMs = 24 * 60 * 60 * 1000;
  const start = Date.now();
  const now = t.mock.method(Date, 'now', () => start);
  for (let day = 0; day < 9; day++) {
    now.mock.mockImplementation(() => start + day * dayMs);
    assert.equal(await store.backUpDaily(), true);
    assert.equal(await store.backUpDaily(), false);
  }
  const backups = await listBackups(storePaths(profile).backups);
  assert.equal(backups.length, 7);
  assert.equal(backups[0]?.madeAtMs, start + 8 * dayMs);
  assert.equal(readdirSync(storePaths(profile).backups).length, 7);
});

test('what was typed and taken back lies in no backup', async (t) => {
  const { store, profile } = await openTestStore(t);
  const { conversation } = ask(store, 'asked aloud', 'a');
  store.saveDraft(conversation.id, [text('zebrafinch')]);
  await store.backUpDaily();
  const [backup] = await listBackups(storePaths(profile).backups);
  const bytes = readFileSync(backup!.path);
  assert.ok(bytes.includes('asked aloud'), 'what was said is there (negative control)');
  assert.ok(!bytes.includes('zebrafinch'));
  assert.equal(store.getDraft(conversation.id)?.parts.length, 1, 'the draft itself stays');
});

test('zeroed pages cost what stood on them at most: the rest and the backup come back', async (t) => {
  const profile = await filledProfile(t);
  const path = storePaths(profile).database;
  const bytes = readFileSync(path);
  const random = randomFrom(3);
  const pages = bytes.length / pageSize;
  for (let i = 0; i < 8; i++) {
    const page = 1 + Math.floor(random() * (pages - 1));
    fillPage(bytes, page, 0);
  }
  writeFileSync(path, bytes);
  assert.equal((await openStore(profile)).state, 'damaged');
  const { report, store } = await repaired(t, profile);
  assert.ok(report.unreadablePlaces > 0);
  assert.deepEqual(readFileSync(join(profile, report.keptIn, 'conversations.db')), bytes);
  const found = texts(store);
  for (let i = 0; i < 60; i++) assert.ok(found.has(`question ${i}`), `question ${i}`);
  assert.equal(store.searchMessages({ text: '"question 5"' }).hits.length, 2);
});

test('without any backup, what can be read comes back, also when the header is gone', async (t) => {
  const profile = await filledProfile(t);
  const { database, backups } = storePaths(profile);
  for (const name of readdirSync(backups)) writeFileSync(join(backups, name), 'no backup any more');
  const bytes = readFileSync(database);
  bytes.fill(0, 0, pageSize);
  writeFileSync(database, bytes);
  const { report, store } = await repaired(t, profile);
  assert.deepEqual([report.backupMadeAtMs, report.conversations, report.messages], [null, 80, 160]);
  assert.ok(texts(store).has('question 79'));
  store.addMessage({
    conversationId: store.listConversations().conversations[0]!.id,
    parentId: null,
    role: 'user',
    parts: [text('and it goes on')],
  });
});

test('12 ways of damage: the app always gets a sound store, the original is always kept', async (t) => {
  const profile = await filledProfile(t);
  const { database } = storePaths(profile);
  const original = readFileSync(database);
  const random = randomFrom(11);
  let repairs = 0;
  const newestKept = [0, 0, 0, 0];
  for (let round = 0; round < 12; round++) {
    writeFileSync(database, damage(original, round, random));
    const damaged = readFileSync(database);
    const opening = await openStore(profile);
    if (opening.state === 'ready') {
      // A flipped letter in a text: SQLite's pages hold no checksum.
      opening.store.closeStore();
      continue;
    }
    if (opening.state === 'newer') continue; // the flipped byte was the version's: refused, unchanged
    assert.equal(opening.state, 'damaged', `round ${round}`);
    const report = await repairStore(profile);
    repairs++;
    assert.deepEqual(readFileSync(join(profile, report.keptIn, 'conversations.db')), damaged);
    const again = await openStore(profile);
    assert.ok(again.state === 'ready', `round ${round}`);
    const found = texts(again.store);
    for (let i = 0; i < 60; i++) assert.ok(found.has(`question ${i}`), `round ${round}, question ${i}`);
    if (found.has('question 79')) newestKept[round % 4]!++;
    again.store.closeStore();
  }
  t.diagnostic(`${repairs} repairs; newest chat kept: ${newestKept} of 3 (cut, header, page, noise)`);
  assert.ok(repairs >= 6 && newestKept[1]! + newestKept[2]! >= 3);
});

const fillPage = (bytes: Buffer, page: number, value: number) =>
  bytes.fill(value, page * pageSize, (page + 1) * pageSize);

function damage(original: Buffer, round: number, random: () => number): Buffer {
  const bytes = Buffer.from(original);
  const pages = bytes.length / pageSize;
  switch (round % 4) {
    case 0: // cut
      return bytes.subarray(0, Math.floor(random() * bytes.length));
    case 1: // header
      bytes[Math.floor(random() * 100)] = Math.floor(random() * 256);
      return bytes;
    case 2: // one page
      return fillPage(bytes, Math.floor(random() * pages), Math.floor(random() * 256));
    default: // noise all over
      for (let i = 0; i < 200; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      return bytes;
  }
}

test('a torn or missing log costs the last commits at most, never the database', async (t) => {
  const { store, profile } = await openTestStore(t);
  const { database } = storePaths(profile);
  for (let i = 0; i < 30; i++) ask(store, `question ${i}`, 'a');
  // What the disk holds at this moment, as after a loss of power.
  const copies = ['', '-wal'].map((ending) => [ending, readFileSync(database + ending)] as const);
  store.closeStore();
  const random = randomFrom(5);
  const log = copies[1]![1];
  assert.ok(log.length > 100_000);
  let last = 30;
  for (let round = 0; round < 12; round++) {
    const { profile: other, store: empty } = await openTestStore(t);
    empty.closeStore();
    const at = storePaths(other).database;
    writeFileSync(at, copies[0]![1]);
    const torn = Buffer.from(log);
    if (round % 2) torn[Math.floor(random() * torn.length)]! ^= 1 << Math.floor(random() * 8);
    writeFileSync(`${at}-wal`, torn);
    if (round % 2 === 0) truncateSync(`${at}-wal`, Math.floor(random() * torn.length));
    const opening = await openStore(other);
    assert.ok(opening.state === 'ready', `round ${round}: ${opening.state}`);
    const found = texts(opening.store);
    const count = [...found].filter((value) => value.startsWith('question')).length;
    for (let i = 0; i < count; i++) assert.ok(found.has(`question ${i}`), 'commits are a prefix');
    last = Math.min(last, count);
    opening.store.closeStore();
  }
  assert.ok(last < 30, 'some log was torn before its end');
});

test('nothing is changed by finding damage', async (t) => {
  const profile = await filledProfile(t);
  const { database } = storePaths(profile);
  copyFileSync(database, `${database}.copy`);
  truncateSync(database, 9000);
  const before = readFileSync(database);
  assert.equal((await openStore(profile)).state, 'damaged');
  assert.deepEqual(readFileSync(database), before);
  assert.ok(!existsSync(storePaths(profile).damaged));
});
