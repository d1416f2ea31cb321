/** Forms and several answers over the real engine: what its grammar and log-probabilities make of them in the app. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Part } from '../../preload/contract/attachments.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import type { GenerationRequest } from '../../preload/contract/generation.ts';
import type { AppClient } from '../../preload/contract/index.ts';
import { type ServiceUnderTest, startService } from '../support/service-under-test.ts';

const textOf = ({ parts }: Message) => parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

describe('ways of asking the demo', () => {
  let profile: string;
  let service: ServiceUnderTest;
  let page: AppClient;
  let parts: Part[];

  const ask = async (more: Partial<Extract<GenerationRequest, { type: 'question' }>>) => {
    const { id } = await page.createConversation({ sampling: { seed: 3, maxNewTokens: 60 } });
    const request = { type: 'question' as const, conversationId: id, parentId: null, parts, ...more };
    const end = (await Array.fromAsync(page.generateMessage(request))).at(-1);
    assert.ok(end?.type === 'end' && end.error === null, JSON.stringify(end));
    return { id, message: end.message };
  };

  before(async () => {
    profile = await mkdtemp(join(tmpdir(), 'ways-real-'));
    service = startService({ profile });
    page = service.page;
    const { attachment, name } = await page.addSample({ id: 'receipt.png' });
    parts = [
      { type: 'picture', attachmentId: attachment.id, name, detail: 'balanced' },
      { type: 'text', text: 'What is the total?' },
    ];
  });
  after(async () => {
    await service.shutdown();
    await rm(profile, { recursive: true });
  });

  it('an extraction is JSON of its schema, whatever the model would have liked to say', async () => {
    const schema = {
      type: 'object',
      properties: { paid: { type: 'boolean' }, kind: { enum: ['receipt', 'letter'] } },
      required: ['paid', 'kind'],
    };
    const { message } = await ask({ task: { type: 'extraction', name: 'Kind', schema } });
    const value = JSON.parse(textOf(message)) as { paid: unknown; kind: string };
    assert.equal(typeof value.paid, 'boolean');
    assert.ok(['receipt', 'letter'].includes(value.kind));
  });

  it('several answers share the prompt that was read, are weighed, and one is chosen', async () => {
    const { id } = await ask({ candidates: 3 });
    for (;;) {
      const { messages } = await page.listMessages({ conversationId: id });
      const { choice } = messages.at(-1)!;
      if (!choice) continue;
      assert.equal(choice.candidates.length, 3);
      for (const { meanLogprob } of choice.candidates) assert.ok(meanLogprob !== null && meanLogprob <= 0);
      const written = await Promise.all(
        choice.candidates.map(({ messageId }) => page.getMessage({ messageId })),
      );
      const [first, ...others] = written.map(({ generation }) => generation!);
      assert.ok(first!.prefillMs > 0);
      for (const { prefillMs, visionMs } of others) {
        assert.deepEqual([prefillMs, visionMs], [first!.prefillMs, first!.visionMs], 'one reading for all');
      }
      assert.equal(first!.visualPositionStep, 1, 'V2PE’s δ is among the figures');
      assert.deepEqual(
        others.map(({ seed }) => seed),
        [4, 5],
      );
      return;
    }
  });
});
