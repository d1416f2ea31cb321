/** The disk's caches in the whole service: they outlive a restart, go with their conversation, and never know a temporary one. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../../preload/contract/attachments.ts';
import type { GenerationRequest } from '../../preload/contract/generation.ts';
import type { ConversationId, MessageId } from '../../preload/contract/ids.ts';
import { type ServiceUnderTest, startService } from '../support/service-under-test.ts';

const text = (value: string): Part => ({ type: 'text', text: value });

describe('what the disk keeps of conversations', () => {
  let profile: string;
  let service: ServiceUnderTest;

  const ask = async (request: GenerationRequest) => {
    const events = await Array.fromAsync(service.page.generateMessage(request));
    const end = events.at(-1);
    assert.ok(end?.type === 'end');
    assert.equal(end.error, null);
    const looked = events.some((event) => event.type === 'phase' && event.phase === 'vision');
    return { message: end.message, looked, generation: end.message.generation! };
  };
  const askAboutReceipt = async (conversationId: ConversationId) => {
    const { attachment, name } = await service.page.addSample({ id: 'receipt.png' });
    const picture: Part = { type: 'picture', attachmentId: attachment.id, name, detail: 'balanced' };
    const parts = [picture, text('What is the total?')];
    return ask({ type: 'question', conversationId, parentId: null, parts });
  };
  /** Every file of the cache, by name. */
  const filesKept = async () =>
    (await readdir(join(profile, 'caches'), { recursive: true }).catch(() => [])).toSorted();
  const sizeKept = async () => (await service.page.measureCaches({})).sizeBytes;
  const untilKept = async (files: number) => {
    for (let tries = 0; tries < 200; tries++) {
      const kept = await filesKept();
      if (kept.filter((name) => /entries.[0-9a-f]{64}$/.test(name)).length >= files) return;
      await sleep(50);
    }
    assert.fail('nothing was kept');
  };
  const restart = async () => {
    await service.shutdown();
    service = startService({ profile });
  };

  before(async () => {
    profile = await mkdtemp(join(tmpdir(), 'service-caches-'));
    service = startService({ profile });
  });
  after(async () => {
    await service.shutdown();
    await rm(profile, { recursive: true });
  });

  let conversationId: ConversationId;
  let answerId: MessageId;

  it('a temporary conversation leaves nothing', async () => {
    const temporary = await service.page.createConversation({ temporary: true });
    await askAboutReceipt(temporary.id);
    await sleep(1500); // longer than it takes to be kept, as the next test shows
    await restart(); // what waits to be written is written when the engine leaves
    assert.deepEqual(await filesKept(), []);
  });

  it('after a restart a follow-up neither looks nor reads again', async () => {
    conversationId = (await service.page.createConversation({})).id;
    const first = await askAboutReceipt(conversationId);
    assert.equal(first.looked, true);
    await untilKept(2);
    assert.ok((await sizeKept()) > 0);

    await restart();
    const parts = [text('What is the total?')];
    const next = await ask({ type: 'question', conversationId, parentId: first.message.id, parts });
    assert.equal(next.looked, false);
    assert.ok(next.generation.reusedPromptTokens >= first.generation.promptTokens);
    assert.equal(next.generation.visionMs, 0, 'what was not done does not count as fast looking');
    answerId = next.message.id;
  });

  it('the last answer is kept when the app leaves right behind it', async () => {
    const parts = [text('What is the total?')];
    const before = await ask({ type: 'question', conversationId, parentId: answerId, parts });
    await restart();
    const next = await ask({ type: 'question', conversationId, parentId: before.message.id, parts });
    assert.ok(next.generation.reusedPromptTokens >= before.generation.promptTokens);
  });

  it('clearing empties it, and the next answer is kept again', async () => {
    await untilKept(2);
    await service.page.clearCaches({});
    assert.equal(await sizeKept(), 0);
    await ask({
      type: 'question',
      conversationId,
      parentId: null,
      parts: [text('What is 7 plus 5? '.repeat(20))],
    });
    await untilKept(1);
  });

  it('a deleted message takes along what was kept of its conversation', async () => {
    await service.page.deleteMessage({ messageId: answerId });
    assert.equal(await sizeKept(), 0);
  });

  it('goes with the last conversation that uses it', async () => {
    await restart(); // or the pictures would still be in memory
    const one = (await service.page.createConversation({})).id;
    const other = (await service.page.createConversation({})).id;
    await askAboutReceipt(one);
    await untilKept(2);
    await restart();
    const again = await askAboutReceipt(other);
    assert.equal(again.looked, false);
    await untilKept(3);
    await service.page.deleteConversation({ id: one });
    assert.ok((await sizeKept()) > 0);
    await service.page.deleteConversation({ id: other });
    assert.equal(await sizeKept(), 0);
    assert.deepEqual(
      (await filesKept()).filter((name) => /(marks|entries)./.test(name)),
      [],
    );
  });

  it('a start drops what belongs to no conversation any more', async () => {
    const { id } = await service.page.createConversation({});
    await askAboutReceipt(id);
    await untilKept(1);
    await service.shutdown();
    for (const name of await readdir(profile)) {
      if (name.startsWith('conversations') || name.startsWith('store') || name.endsWith('.db'))
        await rm(join(profile, name), { recursive: true });
    }
    service = startService({ profile });
    for (let tries = 0; tries < 100 && (await sizeKept()) > 0; tries++) await sleep(50);
    assert.equal(await sizeKept(), 0);
  });

  it('keeps nothing where the setting says so', async () => {
    await service.page.updateSettings({ patch: { cacheGigabytes: 0 } });
    const { id } = await service.page.createConversation({});
    await askAboutReceipt(id);
    await restart();
    assert.equal(await sizeKept(), 0);
  });
});
