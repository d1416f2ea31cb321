/** Answers of the service over a scripted engine: order, stop, death, queue, branches, and what survives a kill. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Part } from '../../preload/contract/attachments.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import type { GenerationEvent, GenerationRequest } from '../../preload/contract/generation.ts';
import type { ConversationId } from '../../preload/contract/ids.ts';
import type { AppClient } from '../../preload/contract/index.ts';
import { writeScriptedAssets } from '../support/service-assets.ts';
import { type ServiceUnderTest, scriptedEngine, startService } from '../support/service-under-test.ts';

type End = Extract<GenerationEvent, { type: 'end' }>;

const text = (value: string): Part => ({ type: 'text', text: value });
const textOf = ({ parts }: Message) =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');

describe('answers', () => {
  let folder: string;
  let service: ServiceUnderTest;
  let page: AppClient;

  const start = async () => {
    service = startService({
      profile: join(folder, 'profile'),
      engineFile: scriptedEngine,
      assets: join(folder, 'assets'),
    });
    page = service.page;
    await page.describeApp({});
  };
  const newConversation = async () => (await page.createConversation({})).id;
  const ask = async (
    request: GenerationRequest,
    onEvent?: (event: GenerationEvent) => void,
  ): Promise<End> => {
    let last: GenerationEvent | null = null;
    for await (const event of page.generateMessage(request)) {
      onEvent?.(event);
      last = event;
    }
    assert.ok(last?.type === 'end');
    return last;
  };
  const untilRunning = async (count: number) => {
    while ((await page.listRunningAnswers({})).answers.length < count);
  };
  /** Begins an answer and resolves once it has said "9". */
  const askUntilNine = async (conversationId: ConversationId): Promise<{ ended: Promise<End | null> }> => {
    const said = Promise.withResolvers<void>();
    const ended = ask(question(conversationId, 'count 1000 5'), (event) => {
      if (event.type === 'text' && event.text === '9 ') said.resolve();
    }).catch(() => null);
    await said.promise;
    return { ended };
  };
  const question = (
    conversationId: ConversationId,
    words: string,
    parentId: Message['id'] | null = null,
  ) => ({ type: 'question' as const, conversationId, parentId, parts: [text(words)] });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'service-answers-'));
    await writeScriptedAssets(folder);
    await start();
  });
  after(async () => {
    await service.shutdown();
    await rm(folder, { recursive: true });
  });

  it('come as question, answer, phases, words and end, with figures, and name the conversation', async () => {
    const conversationId = await newConversation();
    const seen: string[] = [];
    const end = await ask(question(conversationId, 'say one two'), (event) => {
      const name = event.type === 'phase' ? event.phase : event.type;
      if (seen.at(-1) !== name) seen.push(name);
    });
    assert.deepEqual(
      seen.filter((name) => name !== 'model'),
      ['question', 'answer', 'vision', 'reading', 'writing', 'text', 'end'],
    );
    assert.equal(end.error, null);
    assert.equal(end.message.state, 'complete');
    assert.equal(textOf(end.message), 'one two ');
    assert.equal(end.message.generation?.promptTokens, 3);
    assert.equal(end.message.generation?.newTokens, 2);
    assert.equal(end.message.generation?.modelName, 'Demo');
    const { title } = await page.getConversation({ id: conversationId });
    assert.equal(title, 'say one two');
    const { messages } = await page.listMessages({ conversationId });
    assert.deepEqual(messages.at(-1), end.message);
    const busy = service.shellCalls.filter(({ name }) => name === 'setBusy').map(({ input }) => input);
    assert.deepEqual(busy, [{ busy: true }, { busy: false }], 'the shell keeps the system awake meanwhile');
  });

  it('are stopped with their text kept and their figures', async () => {
    const conversationId = await newConversation();
    let stopping: Promise<{ stopped: boolean }> | null = null;
    const end = await ask(question(conversationId, 'count 1000 5'), (event) => {
      if (event.type === 'answer')
        setTimeout(() => {
          stopping = page.stopAnswer({ messageId: event.message.id });
        }, 150);
    });
    assert.deepEqual(await stopping, { stopped: true });
    assert.equal(end.message.state, 'stopped');
    assert.equal(end.error, null);
    assert.match(textOf(end.message), /^1 2 3 /);
    assert.equal(end.message.generation?.stopReason, 'aborted');
    assert.deepEqual(await page.stopAnswer({ messageId: end.message.id }), { stopped: false });
  });

  it('are written beside each other, each into its own conversation, and one is stopped without the others', async () => {
    const ends: string[] = [];
    const run = async (words: string, onEvent?: (event: GenerationEvent) => void) => {
      const end = await ask(question(await newConversation(), words), onEvent);
      ends.push(`${words}: ${end.message.state}`);
      return end;
    };
    const first = run('count 150 10');
    await untilRunning(1);
    const secondSaid = Promise.withResolvers<void>();
    const second = run('count 1000 10', (event) => {
      if (event.type === 'text' && event.text === '3 ') secondSaid.resolve();
    });
    await untilRunning(2);
    const third = run('say third');
    const { answers: running } = await page.listRunningAnswers({});
    await Promise.all([third, secondSaid.promise]);
    await page.stopAnswer({ messageId: running[1]!.messageId });
    const counted = Array.from({ length: 150 }, (_, index) => `${index + 1} `).join('');
    assert.equal(textOf((await first).message), counted, 'nothing of the others is in it');
    assert.match(textOf((await second).message), /^1 2 3 /);
    assert.deepEqual(ends, ['say third: complete', 'count 1000 10: stopped', 'count 150 10: complete']);
    assert.deepEqual((await page.listRunningAnswers({})).answers, []);
  });

  it('wait for a model that is being changed, and say so; a model waits for them', async () => {
    const phases: string[] = [];
    const first = ask(question(await newConversation(), 'count 60 10'));
    await untilRunning(1);
    let isUnloaded = false;
    const unloading = page.unloadModel({}).then(() => {
      isUnloaded = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(!isUnloaded, 'an answer is being written');
    const second = ask(question(await newConversation(), 'say second'), (event) => {
      if (event.type === 'phase') phases.push(event.phase);
    });
    assert.equal((await first).message.state, 'complete');
    await unloading;
    assert.equal((await second).message.state, 'complete');
    assert.deepEqual(phases.slice(0, 2), ['queue', 'model'], 'it was loaded again');
  });

  it('go on when the page leaves, and are joined with the text so far', async () => {
    const conversationId = await newConversation();
    const leave = new AbortController();
    let messageId: Message['id'] | null = null;
    for await (const event of page.generateMessage(question(conversationId, 'count 30 10'), leave.signal)) {
      if (event.type === 'answer') messageId = event.message.id;
      if (event.type === 'text') leave.abort();
    }
    assert.ok(messageId);
    const [shown] = (await page.listMessages({ conversationId })).messages.slice(-1);
    assert.equal(shown?.state, 'streaming');
    assert.match(textOf(shown), /^1 /);
    const events = await Array.fromAsync(page.watchAnswer({ messageId }));
    const [first] = events;
    assert.ok(first?.type === 'answer');
    const words = events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
    const whole = Array.from({ length: 30 }, (_, index) => `${index + 1} `).join('');
    assert.equal(textOf(first.message) + words.join(''), whole);
    const after = await Array.fromAsync(page.watchAnswer({ messageId }));
    assert.deepEqual(
      after.map(({ type }) => type),
      ['answer', 'end'],
    );
  });

  it('branch: an edit, another answer, a rewritten one; nothing is overwritten', async () => {
    const conversationId = await newConversation();
    const first = await ask(question(conversationId, 'say first'));
    const asked = first.message.parentId!;
    const again = await ask({ type: 'regenerate', messageId: asked });
    assert.deepEqual(again.message.siblingIds, [first.message.id, again.message.id]);
    const edited = await ask({ type: 'edit', messageId: asked, parts: [text('say edited')] });
    assert.equal(textOf(edited.message), 'edited ');
    const { messages } = await page.listMessages({ conversationId });
    assert.deepEqual(messages.map(textOf), ['say edited', 'edited ']);
    const rewritten = await page.rewriteMessage({ messageId: edited.message.id, text: 'by hand' });
    assert.equal(rewritten.siblingIds.length, 2);
    await page.showBranch({ messageId: first.message.id });
    assert.equal((await page.listMessages({ conversationId })).messages.at(-1)?.id, first.message.id);
    await assert.rejects(ask({ type: 'regenerate', messageId: first.message.id }), {
      code: 'invalid_request',
    });
    await assert.rejects(ask({ type: 'continue', messageId: asked }), { code: 'invalid_request' });
  });

  it('are continued where they ended, as the same message', async () => {
    const conversationId = await newConversation();
    const first = await ask(question(conversationId, 'say say more words'));
    assert.equal(textOf(first.message), 'say more words ');
    const more = await ask({ type: 'continue', messageId: first.message.id });
    assert.equal(more.message.id, first.message.id);
    assert.equal(textOf(more.message), 'say more words more words ');
  });

  it('carry long questions and long answers over every hop', async () => {
    const conversationId = await newConversation();
    const long = `say ${'Grüße-und-合同-'.repeat(20_000)}`;
    const end = await ask(question(conversationId, long));
    assert.equal(textOf(end.message), `${long.slice(4)} `);
    const { messages } = await page.listMessages({ conversationId });
    assert.equal(textOf(messages[0]!), long);
  });

  it('keep their text when the engine dies, say so, and the next one works', async () => {
    const conversationId = await newConversation();
    const events: unknown[] = [];
    const stopWatching = new AbortController();
    const watching = (async () => {
      for await (const event of page.watchApp({}, stopWatching.signal)) events.push(event);
    })();
    const end = await ask(question(conversationId, 'count 1000 5'), (event) => {
      if (event.type === 'text' && event.text === '5 ') service.kill('engine');
    });
    assert.equal(end.message.state, 'interrupted');
    assert.equal(end.error?.code, 'child_gone');
    assert.match(textOf(end.message), /^1 2 3 4 5 /);
    const next = await ask(question(conversationId, 'say alive', end.message.id));
    assert.equal(textOf(next.message), 'alive ');
    stopWatching.abort();
    await watching;
    const has = (type: string, more: object = {}) =>
      events.some((event) => {
        try {
          assert.partialDeepStrictEqual(event, { type, ...more });
          return true;
        } catch {
          return false;
        }
      });
    assert.ok(has('process-ended', { name: 'engine', restarting: true }));
    assert.ok(has('model-state', { model: { state: 'unloaded' } }));
    assert.ok(has('model-state', { model: { state: 'ready' } }));
    assert.ok(has('answer-started', { conversationId }) && has('answer-ended', { conversationId }));
    assert.ok(has('conversations-changed', { conversationId }));
  });

  it('die without a word: the question was on the disk before the engine saw it', async () => {
    const conversationId = await newConversation();
    const end = await ask(question(conversationId, 'die'));
    assert.equal(end.error?.code, 'child_gone');
    const { messages } = await page.listMessages({ conversationId });
    assert.deepEqual(
      messages.map(({ state }) => state),
      ['complete', 'interrupted'],
    );
    assert.equal(textOf(messages[0]!), 'die');
    assert.deepEqual(messages[1]?.failure, end.error, 'and why it ended is told after a reload too');
  });

  it('stop when their conversation is deleted', async () => {
    const conversationId = await newConversation();
    const { ended } = await askUntilNine(conversationId);
    await page.deleteConversation({ id: conversationId });
    assert.equal((await ended)?.message.state, 'stopped');
    await assert.rejects(page.getConversation({ id: conversationId }), { code: 'not_found' });
  });

  it('survive a kill of the service: question, partial answer marked, and it can be continued', async () => {
    const conversationId = await newConversation();
    await askUntilNine(conversationId);
    await new Promise((resolve) => setTimeout(resolve, 300)); // the journal is at most 250 ms behind
    service.kill('service');
    await service.shutdown();
    await start();
    const { interruptedAnswers, store } = await page.describeApp({});
    assert.deepEqual([interruptedAnswers, store], [1, 'ready']);
    const { messages } = await page.listMessages({ conversationId });
    assert.deepEqual(
      messages.map(({ state }) => state),
      ['complete', 'interrupted'],
    );
    assert.match(textOf(messages[1]!), /^1 2 3 /);
    const more = await ask({ type: 'continue', messageId: messages[1]!.id });
    assert.equal(more.message.state, 'complete');
  });

  it('end as interrupted, text kept, when the app quits in the middle', async () => {
    const conversationId = await newConversation();
    await askUntilNine(conversationId);
    await service.shutdown();
    await start();
    assert.equal((await page.describeApp({})).interruptedAnswers, 0, 'ended in order');
    const { messages } = await page.listMessages({ conversationId });
    assert.equal(messages.at(-1)?.state, 'interrupted');
    assert.match(textOf(messages.at(-1)!), /^1 2 3 4 5 6 7 8 9 /);
  });
});
