/** Deleting: what two pages delete at once goes once, and neither takes the service along. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { MessageId } from '../../preload/contract/ids.ts';
import { writeScriptedAssets } from '../support/service-assets.ts';
import { scriptedEngine, startService } from '../support/service-under-test.ts';

test('a message and a conversation that are deleted twice at once are gone, and the service goes on', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'service-deletions-'));
  await writeScriptedAssets(folder);
  const service = startService({
    profile: join(folder, 'profile'),
    engineFile: scriptedEngine,
    assets: join(folder, 'assets'),
  });
  t.after(async () => {
    await service.shutdown();
    await rm(folder, { recursive: true });
  });
  const { page } = service;
  const { id } = await page.createConversation({});
  let messageId: MessageId | null = null;
  const request = {
    type: 'question',
    conversationId: id,
    parentId: null,
    parts: [{ type: 'text', text: 'say one' }],
  } as const;
  for await (const event of page.generateMessage({ ...request, parts: [...request.parts] })) {
    if (event.type === 'end') messageId = event.message.id;
  }
  assert.ok(messageId);
  for (const remove of [() => page.deleteMessage({ messageId }), () => page.deleteConversation({ id })]) {
    const outcomes = await Promise.allSettled([remove(), remove()]);
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    // The service's death would be child_gone.
    assert.ok(refused.length < 2 && refused.every((code) => code === 'not_found'), refused.join());
  }
  assert.deepEqual((await page.listConversations({})).conversations, []);
});
