/** Best of N with a critic in the library: it reads the candidates in a process of its own, and its choice is shown. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Part } from '../../preload/contract/attachments.ts';
import type { ConversationId, MessageId } from '../../preload/contract/ids.ts';
import type { AppClient } from '../../preload/contract/index.ts';
import type { AppEvent } from '../../preload/contract/system.ts';
import type { Choice, Task } from '../../preload/contract/tasks.ts';
import { writeScriptedAssets } from '../support/service-assets.ts';
import { type ServiceUnderTest, scriptedEngine, startService } from '../support/service-under-test.ts';
import { addTinyCritic } from '../support/tiny-critic.ts';

const text = (value: string): Part => ({ type: 'text', text: value });

describe('candidates with a critic', () => {
  let folder: string;
  let service: ServiceUnderTest;
  let page: AppClient;
  let criticFolder: string;
  const heard: AppEvent[] = [];
  const stop = new AbortController();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'critic-'));
    await writeScriptedAssets(folder);
    criticFolder = await addTinyCritic(join(folder, 'profile'));
    service = startService({
      profile: join(folder, 'profile'),
      engineFile: scriptedEngine,
      assets: join(folder, 'assets'),
    });
    page = service.page;
    void (async () => {
      for await (const event of page.watchApp({}, stop.signal)) heard.push(event);
    })().catch(() => {});
  });
  after(async () => {
    stop.abort();
    await service.shutdown();
    await rm(folder, { recursive: true });
  });

  const ask = async (words: string, more: { task?: Task; candidates?: number } = {}) => {
    const { id } = await page.createConversation({ sampling: { seed: 5 } });
    const parts = [text(words)];
    const request = { type: 'question' as const, conversationId: id, parentId: null, parts, candidates: 3 };
    await Array.fromAsync(page.generateMessage({ ...request, ...more }));
    return id;
  };
  const untilChosen = async (id: ConversationId, is: (choice: Choice) => boolean) => {
    for (;;) {
      const { messages } = await page.listMessages({ conversationId: id });
      const last = messages.at(-1)!;
      if (last.choice && is(last.choice)) return { choice: last.choice, shownId: last.id };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  /** What was told of critics, once the last one is done. */
  const untilTold = async (from: number) => {
    for (;;) {
      const told = heard
        .slice(from)
        .flatMap((event) => (event.type === 'critic-reading' ? [event.critic] : []));
      if (told.at(-1) === null) return told;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('its model is told apart in the library, by what its checkpoint calls itself', async () => {
    const { models } = await page.listModels({});
    assert.deepEqual(
      models.map(({ name, isCritic }) => [name, isCritic]),
      [
        ['Demo', undefined],
        ['VisualPRM-8B-v1_1', true],
      ],
    );
    assert.equal(JSON.parse(await readFile(join(criticFolder, 'manifest.json'), 'utf8')).isCritic, true);
  });

  it('the highest score wins over the surest answer, and every candidate carries its own', async () => {
    const before = heard.length;
    const { choice, shownId } = await untilChosen(await ask('seed'), ({ method }) => method === 'critic');
    assert.deepEqual(choice.critic, { name: 'VisualPRM-8B-v1_1' });
    const scores = choice.candidates.map(({ criticScore }) => criticScore!);
    assert.deepEqual(scores, [0.95, 0.94, 0.93]);
    assert.equal(choice.chosenId, choice.candidates[0]!.messageId);
    assert.equal(shownId, choice.chosenId);
    assert.deepEqual(await untilTold(before), ['VisualPRM-8B-v1_1', null]);
  });

  it('it takes the place of the model that answered where both do not fit, and that one answers again', async () => {
    await writeFile(join(criticFolder, 'crowded'), '');
    const before = heard.length;
    await untilChosen(await ask('seed'), ({ method }) => method === 'critic');
    const states = heard
      .slice(before)
      .flatMap((event) => (event.type === 'model-state' ? [event.model.state] : []));
    assert.ok(states.includes('unloaded'), String(states));
    const { id } = await page.createConversation({});
    const request = {
      type: 'question' as const,
      conversationId: id,
      parentId: null,
      parts: [text('say yes')],
    };
    const end = (await Array.fromAsync(page.generateMessage(request))).at(-1);
    assert.ok(end?.type === 'end' && end.message.state === 'complete');
  });

  it('where it fits nowhere, the other way of choosing stands and says why', async () => {
    await writeFile(join(criticFolder, 'too-large'), '');
    const { choice } = await untilChosen(await ask('seed'), ({ critic }) => critic !== undefined);
    assert.equal(choice.method, 'logprob');
    assert.match(choice.critic!.absence!, /needs about 9.0 GB of memory/);
    assert.equal(choice.chosenId, choice.candidates[2]!.messageId, 'the surest');
    await rm(join(criticFolder, 'too-large'));
  });

  it('whoever has gone on from another answer meanwhile is left where they are', async () => {
    const id = await ask('seed');
    const { choice } = await untilChosen(id, () => true);
    const third = choice.candidates[2]!.messageId;
    const parts = [text('say more')];
    await Array.fromAsync(
      page.generateMessage({ type: 'question', conversationId: id, parentId: third, parts }),
    );
    for (;;) {
      const { choice: made } = await page.getMessage({ messageId: third });
      if (made?.method === 'critic') break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { messages } = await page.listMessages({ conversationId: id });
    assert.ok(
      messages.some((message) => message.id === (third as MessageId)),
      'still on the third’s path',
    );
  });

  it('a task’s answers are not for it to read (negative control: without a task they are)', async () => {
    const before = heard.length;
    await untilChosen(await ask('seed', { task: { type: 'agent' } }), () => true);
    await untilChosen(await ask('seed'), ({ method }) => method === 'critic');
    assert.deepEqual(await untilTold(before), ['VisualPRM-8B-v1_1', null]);
  });
});

it('over the real engine: a picture’s candidates are read by a critic of another tile size', async (t) => {
  const profile = await mkdtemp(join(tmpdir(), 'critic-real-'));
  await addTinyCritic(profile);
  const service = startService({ profile });
  t.after(async () => {
    await service.shutdown();
    await rm(profile, { recursive: true });
  });
  const { page } = service;
  const { attachment, name } = await page.addSample({ id: 'receipt.png' });
  const picture = { type: 'picture' as const, attachmentId: attachment.id, name, detail: 'fast' as const };
  const { id: conversationId } = await page.createConversation({ sampling: { seed: 3, maxNewTokens: 20 } });
  const parts = [picture, text('What is the total?')];
  await Array.fromAsync(
    page.generateMessage({ type: 'question', conversationId, parentId: null, parts, candidates: 2 }),
  );
  for (;;) {
    const { messages } = await page.listMessages({ conversationId });
    const { choice } = messages.at(-1)!;
    assert.equal(choice?.critic?.absence, undefined);
    if (choice?.method !== 'critic') continue;
    const scores = choice.candidates.map(({ criticScore }) => criticScore!);
    for (const score of scores) assert.ok(score > 0 && score < 1, String(scores));
    const best = choice.candidates[scores.indexOf(Math.max(...scores))]!;
    assert.equal(choice.chosenId, best.messageId);
    return;
  }
});
