/** Migrations: from nothing, from the version before, interrupted, and from the future. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { applyMigrations, readVersion } from '../../main/service/store/apply-migrations.ts';
import { checkDatabaseFile } from '../../main/service/store/check-database.ts';
import { migrations } from '../../main/service/store/migrations/index.ts';
import { openDatabase } from '../../main/service/store/open-database.ts';
import { openStore, storePaths } from '../../main/service/store/open-store.ts';
import { ask, openTestStore } from '../support/open-test-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const noBackup = async () => {};
const next = {
  number: migrations.length + 1,
  name: 'note',
  sql: 'ALTER TABLE conversation ADD COLUMN note TEXT;',
};

function schemaOf(path: string): unknown[] {
  const db = openDatabase(path);
  try {
    return db
      .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
      .all();
  } finally {
    db.close();
  }
}

test('the steps are numbered from 1 without gaps', () => {
  assert.deepEqual(
    migrations.map(({ number }) => number),
    migrations.map((_, index) => index + 1),
  );
});

test('every table is STRICT, so that no value of a wrong type gets in', async (t) => {
  const { profile, store } = await openTestStore(t);
  store.closeStore();
  const db = openDatabase(storePaths(profile).database);
  t.after(() => db.close());
  const loose = db
    .prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name <> 'sqlite_schema' AND name <> 'sqlite_sequence'",
    )
    .all();
  assert.deepEqual(loose, []);
  for (const [pragma, value] of [
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['foreign_keys', 1],
    ['secure_delete', 1],
  ]) {
    assert.equal(db.pragma(String(pragma), { simple: true }), value, String(pragma));
  }
});

test('texts of a first version become searchable in the second', async (t) => {
  const folder = await temporaryFolder(t);
  const path = storePaths(folder).database;
  const db = openDatabase(path);
  await applyMigrations(db, noBackup, migrations.slice(0, 1));
  db.exec(`
    INSERT INTO conversation (key, id, title, title_from, pinned, archived, sampling, context_policy, created_at_ms, updated_at_ms, change_order)
      VALUES (1, 'conversation-1', 'Alte Rechnung', 'person', 0, 0, '{}', 'stop', 1, 1, 1);
    INSERT INTO message (key, id, conversation_key, role, state, created_at_ms) VALUES (1, 'message-1', 1, 'user', 'complete', 1);
    INSERT INTO part (message_key, position, type, text) VALUES (1, 0, 'text', '合同在哪里');
    INSERT INTO draft (conversation_key, parts, updated_at_ms) VALUES (1, '[{"type":"text","text":"half a word"}]', 1);`);
  db.close();
  const { store } = await openTestStore(t, folder);
  assert.equal(store.searchMessages({ text: '合同' }).hits.length, 1);
  assert.equal(store.searchMessages({ text: 'rechnung' }).hits.length, 1);
  assert.deepEqual(store.getDraft('conversation-1' as never), {
    parts: [{ type: 'text', text: 'half a word' }],
    updatedAtMs: 1,
  });
  const backups = readdirSync(storePaths(folder).backups);
  assert.deepEqual(
    backups.map((name) => name.replace(/\d{13}/, 'time')).sort(),
    migrations.slice(1).map(({ number }) => `conversations-time-before-${number}.db`),
  );
  store.closeStore();
  const fresh = await openTestStore(t);
  fresh.store.closeStore();
  assert.deepEqual(schemaOf(path), schemaOf(storePaths(fresh.profile).database));
});

test('a migration that fails leaves the old version whole, with a sound backup beside it', async (t) => {
  const { store, profile } = await openTestStore(t);
  ask(store, 'kept', 'answer');
  store.closeStore();
  const broken = { ...next, sql: `${next.sql} INSERT INTO conversation (id) VALUES (NULL);` };
  await assert.rejects(openStore(profile, { migrations: [...migrations, broken] }), { code: 'internal' });

  const db = openDatabase(storePaths(profile).database);
  assert.equal(readVersion(db), migrations.length);
  db.close();
  const backups = readdirSync(storePaths(profile).backups);
  assert.equal(backups.length, 1);
  assert.deepEqual(checkDatabaseFile(join(storePaths(profile).backups, backups[0]!)), []);
  const again = await openTestStore(t, profile);
  assert.equal(again.store.searchMessages({ text: 'kept' }).hits.length, 2);
});

test('a database of a newer app is refused and not changed by a byte', async (t) => {
  const { store, profile } = await openTestStore(t);
  store.closeStore();
  const newer = await openStore(profile, { migrations: [...migrations, next] });
  assert.ok(newer.state === 'ready');
  newer.store.closeStore();
  const before = readFileSync(storePaths(profile).database);
  assert.deepEqual(await openStore(profile), { state: 'newer', databaseVersion: next.number });
  assert.deepEqual(readFileSync(storePaths(profile).database), before);
});

test('another program’s SQLite file and a text file are called damaged and left alone', async (t) => {
  const folder = await temporaryFolder(t);
  const path = storePaths(folder).database;
  const db = openDatabase(path);
  db.exec('CREATE TABLE other (a)');
  db.close();
  assert.equal((await openStore(folder)).state, 'damaged');
  writeFileSync(path, 'A text that somebody put here, long enough to be no header.'.repeat(10));
  assert.equal((await openStore(folder)).state, 'damaged');
  assert.match(readFileSync(path, 'utf8'), /^A text/);
});
