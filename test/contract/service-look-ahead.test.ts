/** A picture is looked at while its question is written, in the whole service with the demo. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Part } from '../../preload/contract/attachments.ts';
import type { ConversationId } from '../../preload/contract/ids.ts';
import { type ServiceUnderTest, startService } from '../support/service-under-test.ts';

describe('looking ahead', () => {
  let profile: string;
  let service: ServiceUnderTest;
  before(async () => {
    profile = await mkdtemp(join(tmpdir(), 'service-ahead-'));
    service = startService({ profile });
  });
  after(async () => {
    await service.shutdown();
    await rm(profile, { recursive: true });
  });

  const pictureOf = async (id: string): Promise<Part> => {
    const { attachment, name } = await service.page.addSample({ id });
    return { type: 'picture', attachmentId: attachment.id, name, detail: 'balanced' };
  };
  const lookWhole = async (conversationId: ConversationId | null, parts: Part[]) => {
    const leave = new AbortController();
    let last = { done: 0, total: 0 };
    for await (const progress of service.page.lookAhead({ conversationId, parts }, leave.signal)) {
      last = progress;
      if (progress.total > 0 && progress.done === progress.total) leave.abort();
    }
    return last;
  };
  /** Whether the model had to look while it was asked. */
  const looksWhenAsked = async (conversationId: ConversationId, picture: Part) => {
    const parts: Part[] = [picture, { type: 'text', text: 'What is the total?' }];
    const request = { type: 'question' as const, conversationId, parentId: null, parts };
    const events = await Array.fromAsync(service.page.generateMessage(request));
    return events.some((event) => event.type === 'phase' && event.phase === 'vision');
  };

  it('spares the question the looking, and only for what was looked at', async () => {
    const { id } = await service.page.createConversation({});
    const receipt = await pictureOf('receipt.png');
    const { done, total } = await lookWhole(null, [receipt]);
    assert.ok(total > 0 && done === total);
    assert.equal(await looksWhenAsked(id, receipt), false);
    assert.equal(await looksWhenAsked(id, await pictureOf('number.png')), true);
  });

  it('keeps what a temporary conversation shows in memory', async () => {
    const { id } = await service.page.createConversation({ temporary: true });
    const files = async () => (await readdir(profile, { recursive: true })).length;
    const picture = await pictureOf('word.png');
    const before = await files();
    await lookWhole(id, [picture]);
    assert.equal(await files(), before);
  });

  it('says nothing of words alone', async () => {
    assert.deepEqual(await lookWhole(null, [{ type: 'text', text: 'a draft' }]), { done: 0, total: 0 });
  });
});
