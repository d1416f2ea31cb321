/** The service when its store can't be used: it says why, stays there, and goes on once that has passed. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { migrations } from '../../main/service/store/migrations/index.ts';
import { openStore, storePaths } from '../../main/service/store/open-store.ts';
import { ask, openTestStore } from '../support/open-test-store.ts';
import { writeScriptedAssets } from '../support/service-assets.ts';
import { scriptedEngine, startService } from '../support/service-under-test.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function serviceOver(t: TestContext, profile: string) {
  const assets = await writeScriptedAssets(await temporaryFolder(t));
  const service = startService({ profile, engineFile: scriptedEngine, assets });
  t.after(() => service.shutdown());
  return service.page;
}

test('a damaged store is told, then repaired with what can be read, while settings and models still answer', async (t) => {
  const { store, profile } = await openTestStore(t);
  ask(store, 'kept question', 'kept answer');
  await store.backUpDaily();
  store.closeStore();
  writeFileSync(storePaths(profile).database, 'Somebody put a text here. '.repeat(500));
  const page = await serviceOver(t, profile);
  assert.equal((await page.describeApp({})).store, 'damaged');
  await assert.rejects(page.listConversations({}), { code: 'store_damaged' });
  await assert.rejects(page.createConversation({}), { code: 'store_damaged' });
  await assert.rejects(page.updateSettings({ patch: { theme: 'dark' } }), { code: 'store_damaged' });
  assert.equal((await page.getSettings({})).theme, 'system');
  assert.equal((await page.listModels({})).models.length, 1);

  const report = await page.repairStore({});
  assert.equal(report.recoveredMessages, 2);
  assert.match(report.sentence, /^2 messages in 1 conversation are back/);
  assert.equal((await page.describeApp({})).store, 'ready');
  const { conversations } = await page.listConversations({});
  assert.deepEqual(
    conversations.map(({ title }) => title),
    ['kept question'],
  );
  await assert.rejects(page.repairStore({}), { code: 'invalid_request' });
});

test('a store that another process holds is told, and used once that has ended', async (t) => {
  const { store, profile } = await openTestStore(t);
  const page = await serviceOver(t, profile);
  assert.equal((await page.describeApp({})).store, 'in-use');
  await assert.rejects(page.listConversations({}), { code: 'store_busy', retryable: true });
  store.closeStore();
  assert.equal((await page.describeApp({})).store, 'ready');
  assert.deepEqual((await page.listConversations({})).conversations, []);
});

test('a store of a newer app is left alone', async (t) => {
  const profile = await temporaryFolder(t);
  const note = {
    number: migrations.length + 1,
    name: 'note',
    sql: 'ALTER TABLE conversation ADD COLUMN note TEXT;',
  };
  const newer = await openStore(profile, { migrations: [...migrations, note] });
  assert.ok(newer.state === 'ready');
  newer.store.closeStore();
  const page = await serviceOver(t, profile);
  assert.equal((await page.describeApp({})).store, 'newer');
  await assert.rejects(page.listConversations({}), { code: 'profile_readonly', message: /newer version/ });
});

test('what an earlier run left of its uploads goes, and links that no browser should get are refused', async (t) => {
  const profile = await temporaryFolder(t);
  mkdirSync(join(profile, 'uploads'));
  for (const name of ['old', 'young']) writeFileSync(join(profile, 'uploads', name), 'left');
  const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
  utimesSync(join(profile, 'uploads', 'old'), twoDaysAgo, twoDaysAgo);
  const page = await serviceOver(t, profile);
  assert.equal((await page.describeApp({})).version, '1.2.3');
  assert.deepEqual(readdirSync(join(profile, 'uploads')), ['young'], 'an open page may still name it');
  await page.openLink({ url: 'https://example.org/a?b=c' });
  for (const url of [
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https:\\\\example.org',
    'ht\ttps://a',
    'smb://a',
    'x',
  ])
    await assert.rejects(page.openLink({ url }), { code: 'invalid_request' }, url);
});
