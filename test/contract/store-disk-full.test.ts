/** A disk that is really full: told by name, nothing acknowledged lost, and saving works again once there is room. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listBackups } from '../../main/service/store/backups.ts';
import { openStore, storePaths } from '../../main/service/store/open-store.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import type { AppClient } from '../../preload/contract/index.ts';
import { pictureFacts, text } from '../support/open-test-store.ts';
import { writeScriptedAssets } from '../support/service-assets.ts';
import { scriptedEngine, startService } from '../support/service-under-test.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const textOf = ({ parts }: Message) =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');

test('messages, files and backups meet a full disk, keep what was there, and go on once there is room', async (t) => {
  const disk = mountSmallDisk(t, 8);
  if (!disk) return;
  const profile = join(disk.folder, 'profile');
  const opening = await openStore(profile);
  assert.ok(opening.state === 'ready');
  const { store } = opening;
  t.after(() => store.closeStore());
  const { id: conversationId } = store.createConversation();
  const asked = store.addMessage({ conversationId, parentId: null, role: 'user', parts: [text('kept')] });
  const writer = store.startAnswer({ conversationId, parentId: asked.id });
  writer.append('first ', 32);
  await store.backUpDaily();
  disk.fill();

  const large = 'x'.repeat(200_000);
  const full = { name: 'AppError', code: 'disk_full', retryable: true };
  assert.throws(() => writer.append(large, 32), full);
  assert.throws(
    () => store.addMessage({ conversationId, parentId: asked.id, role: 'user', parts: [text(large)] }),
    full,
  );
  await assert.rejects(store.putAttachment([Buffer.alloc(300_000, 1)], pictureFacts), full);
  await assert.rejects(store.backUpDaily(Date.now() + 48 * 3_600_000), full);
  const { attachments, backups } = storePaths(profile);
  const files = readdirSync(attachments, { recursive: true, withFileTypes: true });
  assert.deepEqual(
    files.filter((entry) => entry.isFile()),
    [],
    'nothing of the file that did not fit',
  );
  assert.equal((await listBackups(backups)).length, 1, 'the older backup stays');
  assert.equal(textOf(store.getMessage(asked.id)), 'kept');
  assert.deepEqual(store.checkIntegrity(), []);

  disk.free();
  assert.equal(textOf(writer.finish({ state: 'complete', generation: null })), `first ${large}`);
  await store.putAttachment([Buffer.alloc(300_000, 1)], pictureFacts);
  assert.equal(await store.backUpDaily(Date.now() + 48 * 3_600_000), true);
});

test('an answer that meets a full disk ends with its words, says why, and is saved when there is room', async (t) => {
  const disk = mountSmallDisk(t, 8);
  if (!disk) return;
  const assets = await writeScriptedAssets(await temporaryFolder(t));
  const service = startService({ profile: join(disk.folder, 'profile'), engineFile: scriptedEngine, assets });
  const { messageId, words } = await answerOnFullDisk(service.page, disk).finally(() => service.shutdown());
  const opening = await openStore(join(disk.folder, 'profile'));
  assert.ok(opening.state === 'ready' && opening.interruptedAnswers === 0);
  const saved = opening.store.getMessage(messageId);
  opening.store.closeStore();
  assert.deepEqual([saved.state, saved.failure?.code], ['failed', 'disk_full']);
  assert.equal(textOf(saved), words, 'not a word is lost');
});

/** Fills the disk in the middle of an answer; returns what it had said. */
async function answerOnFullDisk(page: AppClient, disk: SmallDisk) {
  const { id: conversationId } = await page.createConversation({});
  const request = {
    type: 'question' as const,
    conversationId,
    parentId: null,
    parts: [text('long 100000 0')],
  };
  let answered: { message: Message; code: string | undefined } | null = null;
  for await (const event of page.generateMessage(request)) {
    if (event.type === 'text' && answered === null) {
      disk.fill();
      answered = { message: {} as Message, code: undefined };
    }
    if (event.type === 'end') answered = { message: event.message, code: event.error?.code };
  }
  assert.deepEqual([answered?.message.state, answered?.code], ['failed', 'disk_full']);
  const words = textOf(answered!.message);
  assert.match(words, /^word word /);
  await assert.rejects(page.createConversation({}), { code: 'disk_full' });

  const messageId = answered!.message.id;
  const shown = await page.getMessage({ messageId });
  assert.deepEqual([shown.state, textOf(shown)], ['failed', words], 'though nothing of it could be saved');
  disk.free();
  assert.ok(await page.createConversation({}));
  await sleep(6000); // it is tried again every five seconds
  return { messageId, words };
}
