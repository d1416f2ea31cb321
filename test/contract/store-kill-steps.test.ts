/**
 * kill -9 at random points of a migration, a deletion and an import: afterwards each is done or not done, never half.
 * KILLS sets how many points each (5; the heavy run takes 50).
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { applyMigrations, readVersion } from '../../main/service/store/apply-migrations.ts';
import { listBackups } from '../../main/service/store/backups.ts';
import { checkDatabaseFile } from '../../main/service/store/check-database.ts';
import { exportConversations } from '../../main/service/store/exchange/export.ts';
import { importArchive } from '../../main/service/store/exchange/import.ts';
import { migrations } from '../../main/service/store/migrations/index.ts';
import { openDatabase } from '../../main/service/store/open-database.ts';
import { openStore, type Store, storePaths } from '../../main/service/store/open-store.ts';
import { openVault } from '../../main/service/vault.ts';
import type { Part } from '../../preload/contract/attachments.ts';
import type { ConversationId } from '../../preload/contract/ids.ts';
import { pictureFacts, text } from '../support/open-test-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const kills = Number(process.env.KILLS ?? 5);
const childFile = fileURLToPath(new URL('../support/store-step-child.ts', import.meta.url));
const canary = 'zebrafinch';

/** Runs a step in a child, killed after `afterMs` from its beginning; returns how long it took, null when killed. */
async function runStep(profile: string, step: string[], afterMs: number | null): Promise<number | null> {
  const child = spawn(process.execPath, [childFile, profile, ...step], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let beganMs = 0;
  let doneMs: number | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'done') doneMs = performance.now() - beganMs;
    if (line !== 'begin') continue;
    beganMs = performance.now();
    if (afterMs !== null) void sleep(afterMs).then(() => child.kill('SIGKILL'));
  }
  await closed;
  return doneMs;
}

async function withStore<T>(profile: string, use: (store: Store) => Promise<T> | T): Promise<T> {
  const opening = await openStore(profile);
  assert.ok(opening.state === 'ready', opening.state);
  try {
    return await use(opening.store);
  } finally {
    opening.store.closeStore();
  }
}

/** A conversation of so many messages, every `pictureEvery`th with a picture of its own. */
async function writeConversation(
  store: Store,
  words: string,
  { messages, pictureEvery = 1 }: { messages: number; pictureEvery?: number },
): Promise<ConversationId> {
  const { id: conversationId } = store.createConversation({ title: words });
  for (let number = 0; number < messages; number++) {
    const parts: Part[] = [text(`${words} message ${number}`)];
    if (number % pictureEvery === 0) {
      const picture = await store.putAttachment([Buffer.from(`picture ${words} ${number}`)], pictureFacts);
      parts.push({ type: 'picture', attachmentId: picture.id, name: `${words}.png`, detail: 'fast' });
    }
    const parentId = store.listMessages(conversationId, { limit: 1 }).messages[0]?.id ?? null;
    store.addMessage({ conversationId, parentId, role: number % 2 ? 'assistant' : 'user', parts });
  }
  return conversationId;
}

async function checkSound(profile: string, store: Store): Promise<void> {
  assert.deepEqual(store.checkIntegrity(), []);
  assert.deepEqual(await store.cleanUp(), [], 'no row without its file');
  for (const id of await openVault(storePaths(profile).attachments).list())
    assert.ok(store.hasAttachment(id), 'no file without a row');
}

function filesWith(words: string, folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files
    .filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(words))
    .map(({ name }) => name);
}

/** Kills a copy of the profile all along a step, and judges what is left: `between` is what must never be. */
async function killOften(
  t: TestContext,
  base: string,
  options: { step: string[]; judge: (profile: string) => Promise<string> },
): Promise<void> {
  const copy = `${base}-copy`;
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  const renew = () => {
    rmSync(copy, { recursive: true, force: true });
    cpSync(base, copy, { recursive: true });
  };
  renew();
  const wholeMs = await runStep(copy, options.step, null);
  assert.ok(wholeMs !== null);
  assert.equal(await options.judge(copy), 'done', 'undisturbed it is done');
  const found: Record<string, number> = {};
  for (let kill = 0; kill < kills; kill++) {
    renew();
    await runStep(copy, options.step, (wholeMs * (kill + 0.5)) / kills);
    const state = await options.judge(copy);
    found[state] = (found[state] ?? 0) + 1;
  }
  t.diagnostic(`${options.step[0]} of ${Math.round(wholeMs)} ms, ${kills} kills: ${JSON.stringify(found)}`);
  assert.equal(found.between ?? 0, 0);
}

test('a killed migration leaves the old or the new version, and the next start finishes it', async (t) => {
  const base = join(await temporaryFolder(t), 'profile');
  const path = storePaths(base).database;
  const db = openDatabase(path);
  await applyMigrations(db, async () => {}, migrations.slice(0, 1));
  db.exec(`
    INSERT INTO conversation (key, id, title, title_from, pinned, archived, sampling, context_policy, active_root_key,
        created_at_ms, updated_at_ms, change_order)
      VALUES (1, 'conversation-1', '${canary}', 'person', 0, 0, '{}', 'stop', 1, 1, 1, 1);
    WITH RECURSIVE number (key) AS (SELECT 1 UNION ALL SELECT key + 1 FROM number WHERE key < 3000)
      INSERT INTO message (key, id, conversation_key, parent_key, active_child_key, role, state, created_at_ms)
      SELECT key, 'message-' || key, 1, nullif(key - 1, 0), nullif(key + 1, 3001), 'user', 'complete', key FROM number;
    INSERT INTO part (message_key, position, type, text) SELECT key, 0, 'text', '${canary} ' || key FROM message;`);
  db.close();
  await killOften(t, base, {
    step: ['migrate'],
    async judge(profile) {
      const left = openDatabase(storePaths(profile).database);
      const version = readVersion(left);
      left.close();
      for (const backup of await listBackups(storePaths(profile).backups))
        assert.deepEqual(checkDatabaseFile(backup.path), [], 'a backup that has its name is sound');
      return withStore(profile, async (store) => {
        await checkSound(profile, store);
        const messages = store.listAllMessages('conversation-1' as ConversationId);
        const isWhole = messages.every(({ parts }, index) => {
          const [part] = parts;
          return part?.type === 'text' && part.text === `${canary} ${index + 1}`;
        });
        assert.ok(isWhole && messages.length === 3000, 'every message is there');
        assert.equal(store.searchMessages({ text: `${canary} 2999` }).hits.length, 1, 'and can be found');
        return version === migrations.length ? 'done' : 'not done';
      });
    },
  });
});

test('a killed deletion is finished at the next start, down to the last byte', async (t) => {
  const base = join(await temporaryFolder(t), 'profile');
  const { doomed, kept } = await withStore(base, async (store) => {
    const ids = {
      doomed: await writeConversation(store, canary, { messages: 60 }),
      kept: await writeConversation(store, 'nuthatch', { messages: 10 }),
    };
    await store.backUpDaily();
    return ids;
  });
  const before = await withStore(base, (store) => store.listAllMessages(kept));
  const holding = filesWith(canary, base);
  assert.ok(
    holding.some((name) => name.includes('daily')) && holding.length > 60,
    'what is looked for is seen',
  );
  await killOften(t, base, {
    step: ['delete', doomed],
    judge: (profile) =>
      withStore(profile, async (store) => {
        await checkSound(profile, store);
        assert.deepEqual(store.listAllMessages(kept), before, 'the other conversation is untouched');
        if (store.hasConversation(doomed))
          return store.listAllMessages(doomed).length === 60 ? 'not done' : 'between';
        assert.deepEqual(filesWith(canary, profile), [], 'no file holds a word of it');
        return 'done';
      }),
  });
});

test('a killed import leaves whole conversations, and importing again completes it', async (t) => {
  const folder = await temporaryFolder(t);
  const archive = join(folder, 'archive.zip');
  const source = await withStore(join(folder, 'source'), async (store) => {
    const ids: ConversationId[] = [];
    for (const name of ['one', 'two', 'three'])
      ids.push(await writeConversation(store, name, { messages: 300, pictureEvery: 60 }));
    writeFileSync(archive, Buffer.concat(await Array.fromAsync(exportConversations(store, ids, 'zip'))));
    return ids.map((id) => ({ id, messages: store.listAllMessages(id) }));
  });
  const base = join(folder, 'profile');
  await withStore(base, () => {});
  await killOften(t, base, {
    step: ['import', archive],
    judge: (profile) =>
      withStore(profile, async (store) => {
        await checkSound(profile, store);
        const there = source.filter(({ id }) => store.hasConversation(id));
        for (const { id, messages } of there) assert.deepEqual(store.listAllMessages(id), messages, 'whole');
        const report = await importArchive(store, archive);
        assert.deepEqual([report.importedIds.length, report.alreadyThere], [3 - there.length, there.length]);
        for (const { id, messages } of source) assert.deepEqual(store.listAllMessages(id), messages);
        return there.length === 3 ? 'done' : `${there.length} of 3`;
      }),
  });
});
