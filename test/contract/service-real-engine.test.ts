/** The service over the real engine, media and conversion: the demo reads a receipt, follows up, forgets, and is converted. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Part } from '../../preload/contract/attachments.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import type { GenerationEvent, GenerationRequest } from '../../preload/contract/generation.ts';
import { type ModelJobId, modelIdSchema } from '../../preload/contract/ids.ts';
import type { AppClient } from '../../preload/contract/index.ts';
import type { ModelJob } from '../../preload/contract/model-jobs.ts';
import { type ServiceUnderTest, startService } from '../support/service-under-test.ts';

const checkpoint = fileURLToPath(new URL('../../assets/embedded-model', import.meta.url));
const text = (value: string): Part => ({ type: 'text', text: value });
const textOf = ({ parts }: Message) =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');

describe('the service with the demo', () => {
  let profile: string;
  let service: ServiceUnderTest;
  let page: AppClient;

  const ask = async (request: GenerationRequest) => {
    const events = await Array.fromAsync(page.generateMessage(request));
    const end = events.at(-1);
    assert.ok(end?.type === 'end');
    return { events, ...end };
  };
  const phasesOf = (events: GenerationEvent[]) => [
    ...new Set(events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []))),
  ];

  const untilJob = async (jobId: ModelJobId, isThere: (job: ModelJob) => boolean) => {
    for (let tries = 0; tries < 3000; tries++) {
      const job = (await page.listModelJobs({})).jobs.find(({ id }) => id === jobId);
      if (job && isThere(job)) return job;
      await sleep(20);
    }
    throw new Error('the job did not come that far');
  };

  before(async () => {
    profile = await mkdtemp(join(tmpdir(), 'service-real-'));
    service = startService({ profile });
    page = service.page;
  });
  after(async () => {
    await service.shutdown();
    await rm(profile, { recursive: true });
  });

  it('answers every sample rightly, converting the demo at the first question', async () => {
    const { samples } = await page.listSamples({});
    assert.equal(samples.length, 4);
    const answers: string[] = [];
    for (const { id, question } of samples) {
      const { attachment, name } = await page.addSample({ id });
      const conversation = await page.createConversation({});
      const picture: Part = { type: 'picture', attachmentId: attachment.id, name, detail: 'balanced' };
      const parts = [picture, text(question)];
      const { message, events } = await ask({
        type: 'question',
        conversationId: conversation.id,
        parentId: null,
        parts,
      });
      answers.push(textOf(message));
      assert.deepEqual(phasesOf(events), ['model', 'files', 'vision', 'reading', 'writing']);
      const estimate = await page.estimateQuestion({
        conversationId: conversation.id,
        parentId: null,
        parts,
      });
      assert.equal(estimate.parts[0]?.visualTokens, message.generation?.visualTokens);
      assert.equal(estimate.promptTokens, message.generation?.promptTokens);
      assert.ok(estimate.expectedFirstTokenMs! > 0);
    }
    assert.deepEqual(answers, ['84.78', 'CAMERA', '2064', '3']);
    const state = await page.getModelState({});
    assert.ok(state.state === 'ready' && state.modelId === 'demo' && state.rssBytes > 0);
    await page.unloadModel({});
    await page.estimateQuestion({ conversationId: null, parentId: null, parts: [text('a draft')] });
    assert.equal((await page.getModelState({})).state, 'ready', 'a question being prepared makes it ready');
  });

  it('finds the beginning of a conversation in its cache at the next turn', async () => {
    const { attachment, name } = await page.addSample({ id: 'receipt.png' });
    const { id: conversationId } = await page.createConversation({});
    const picture: Part = { type: 'picture', attachmentId: attachment.id, name, detail: 'balanced' };
    const first = await ask({
      type: 'question',
      conversationId,
      parentId: null,
      parts: [picture, text('What is the total?')],
    });
    const followUp = { conversationId, parentId: first.message.id, parts: [text('What is the total?')] };
    const estimate = await page.estimateQuestion(followUp);
    const next = await ask({
      type: 'question',
      conversationId,
      parentId: first.message.id,
      parts: [text('What is the total?')],
    });
    const { promptTokens = 0, reusedPromptTokens = 0, visualTokens } = next.message.generation!;
    assert.equal(estimate.promptTokens, promptTokens, 'counted before it is sent');
    assert.ok(reusedPromptTokens >= first.message.generation!.promptTokens);
    assert.ok(promptTokens > reusedPromptTokens);
    assert.equal(visualTokens, first.message.generation!.visualTokens);
    const again = await ask({ type: 'regenerate', messageId: first.message.parentId! });
    assert.equal(textOf(again.message), textOf(first.message), 'greedy answers repeat');
  });

  it('refuses what is longer than the context, or drops the oldest turns and says so for good', async () => {
    const long = 'lorem ipsum dolor sit amet '.repeat(105); // about 1,900 of the demo’s tokens
    const { attachment, name } = await page.addSample({ id: 'number.png' });
    const picture: Part = { type: 'picture', attachmentId: attachment.id, name, detail: 'fast' };
    const sampling = { maxNewTokens: 4 };
    const { id: conversationId } = await page.createConversation({ sampling });
    let parentId: Message['id'] | null = null;
    for (const turn of [1, 2, 3]) {
      const parts = turn === 1 ? [picture, text(long)] : [text(long)];
      const { message, error } = await ask({ type: 'question', conversationId, parentId, parts });
      if (turn < 3) assert.equal(error, null, `turn ${turn}`);
      else {
        assert.equal(error?.code, 'context_too_long');
        assert.equal(message.state, 'failed');
      }
      if (turn < 3) parentId = message.id;
    }
    await page.updateConversation({ id: conversationId, patch: { contextPolicy: 'dropOldest' } });
    const { messages } = await page.listMessages({ conversationId });
    const dropping = await ask({ type: 'regenerate', messageId: messages.at(-2)!.id });
    assert.equal(dropping.error, null);
    const context = dropping.events.findLast((event) => event.type === 'context');
    assert.deepEqual(context, { type: 'context', firstKeptId: messages[2]!.id, droppedMessages: 2 });
    const stored = (await page.getMessage({ messageId: dropping.message.id })).generation;
    assert.deepEqual(stored?.context, { firstKeptId: messages[2]!.id, droppedMessages: 2 });
    assert.equal(stored?.visualTokens, 16, 'the picture of the dropped turn is still looked at');
    const next = await ask({
      type: 'question',
      conversationId,
      parentId: dropping.message.id,
      parts: [text('And now?')],
    });
    assert.equal(next.message.generation?.context?.droppedMessages, 2, 'what is out stays out');
    assert.ok(next.message.generation.reusedPromptTokens > 1000, 'so that the cache still fits');
  });

  it('converts a checkpoint folder, loads, remembers and deletes the model', async () => {
    const uploadId = await service.upload(checkpoint, 'My model');
    const { jobId } = await page.startImport({ source: { type: 'upload', uploadId }, precision: 'int8' });
    const id = (await untilJob(jobId, ({ state }) => state === 'done')).modelId!;
    assert.equal(id, 'My-model-int8');
    assert.deepEqual(
      (await page.listModels({})).models.map((model) => model.id),
      ['demo', id],
    );
    const state = await page.loadModel({ id });
    assert.ok(state.state === 'ready' && state.modelId === id);
    assert.equal((await page.getSettings({})).lastModel, id);
    const { id: conversationId } = await page.createConversation({});
    const { message } = await ask({ type: 'question', conversationId, parentId: null, parts: [text('Hi')] });
    assert.equal(message.generation?.decoderPrecision, 'int8');
    await page.deleteModel({ id });
    assert.equal((await page.getModelState({})).state, 'unloaded');
    const left = await readdir(join(profile, 'models'));
    assert.deepEqual(
      left.filter((name) => name.includes('My')),
      [],
    );
    const after = await ask({ type: 'regenerate', messageId: message.parentId! });
    assert.equal(after.message.generation?.modelName, 'Demo', 'the demo steps in');
    await assert.rejects(page.deleteModel({ id: modelIdSchema.parse('demo') }), { code: 'invalid_request' });
    await assert.rejects(page.loadModel({ id: modelIdSchema.parse('..') }), { code: 'not_found' });
  });

  it('stops a conversion without leaving anything behind', async () => {
    const uploadId = await service.upload(checkpoint, 'Stopped');
    const { jobId } = await page.startImport({ source: { type: 'upload', uploadId }, precision: 'fp32' });
    await untilJob(jobId, ({ step, done }) => step === 'converting' && done > 0);
    await page.cancelModelJob({ jobId });
    assert.ok((await page.listModelJobs({})).jobs.every(({ id }) => id !== jobId));
    const left = await readdir(join(profile, 'models'));
    assert.deepEqual(
      left.filter((name) => name.includes('Stopped')),
      [],
    );
  });
});
