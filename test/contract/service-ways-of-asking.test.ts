/** Thinking, tasks, numbered pictures, boxes for other programs and several answers, over the scripted engine. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Part } from '../../preload/contract/attachments.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import type { GenerationRequest } from '../../preload/contract/generation.ts';
import type { ConversationId } from '../../preload/contract/ids.ts';
import type { AppClient } from '../../preload/contract/index.ts';
import { writeScriptedAssets } from '../support/service-assets.ts';
import { type ServiceUnderTest, scriptedEngine, startService } from '../support/service-under-test.ts';

const text = (value: string): Part => ({ type: 'text', text: value });
const textOf = ({ parts }: Message) => parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

interface Described {
  messages: [role: string, ...parts: (string | unknown[])[]][];
  generation: Record<string, unknown>;
}

describe('ways of asking', () => {
  let folder: string;
  let service: ServiceUnderTest;
  let page: AppClient;

  const start = () => {
    service = startService({
      profile: join(folder, 'profile'),
      engineFile: scriptedEngine,
      assets: join(folder, 'assets'),
    });
    page = service.page;
  };
  const ask = async (request: GenerationRequest): Promise<Message> => {
    let last: Message | null = null;
    for await (const event of page.generateMessage(request)) if (event.type === 'end') last = event.message;
    return last!;
  };
  const askIn = (
    conversationId: ConversationId,
    words: string,
    more: Partial<Extract<GenerationRequest, { type: 'question' }>> = {},
  ) => ask({ type: 'question', conversationId, parentId: null, parts: [text(words)], ...more });
  const addPicture = async (name: string): Promise<Part> => {
    const path = fileURLToPath(new URL(`../../assets/samples/${name}`, import.meta.url));
    const { attachment } = await page.addAttachment({ uploadId: await service.upload(path, name) });
    return { type: 'picture', attachmentId: attachment.id, name, detail: 'fast' };
  };
  const described = (message: Message) => JSON.parse(textOf(message)) as Described;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ways-'));
    await writeScriptedAssets(folder);
    start();
    await page.describeApp({});
  });
  after(async () => {
    await service.shutdown();
    await rm(folder, { recursive: true });
  });

  it('thinking asks with the card’s system text at 0.6, times the thought and leaves it out of the next turn', async () => {
    const { id } = await page.createConversation({ thinking: true });
    const answer = await askIn(id, 'say <think> two and two </think> four');
    assert.ok(answer.generation!.thinkingMs! >= 0);
    assert.match(textOf(answer), /^<think> two/, 'nothing that was said is lost');
    const { messages, generation } = described(await askIn(id, 'describe', { parentId: answer.id }));
    assert.match(String(messages[0]![1]), /^[0-9a-f]{64}$/, 'a long text, which is described by its hash');
    assert.equal(generation.temperature, 0.6);
    assert.deepEqual(messages[2], ['assistant', 'four ']);
  });

  it('a thought that was cut off is gone on with whole', async () => {
    const { id } = await page.createConversation({ thinking: true });
    const question = await askIn(id, 'say <think> two and');
    const more = await ask({ type: 'continue', messageId: question.id });
    assert.match(textOf(more), /^<think> two and <think> two and/);
  });

  it('without thinking there is neither text nor temperature of it (negative control)', async () => {
    const { id } = await page.createConversation({});
    const { messages, generation } = described(await askIn(id, 'describe'));
    assert.deepEqual(messages[0], ['system', 'You are a script.']);
    assert.equal(generation.temperature, undefined);
    const plain = await askIn(id, 'say hello');
    assert.equal(plain.generation!.thinkingMs, undefined);
  });

  it('an agent is asked with its own system text, and an extraction is held to its schema', async () => {
    const { id } = await page.createConversation({ thinking: true });
    const agent = described(await askIn(id, 'describe', { task: { type: 'agent' } }));
    assert.match(String(agent.messages[0]![1]), /^You are InternVL, a GUI agent\. \n\nYou are given a task/);
    const schema = { type: 'object', properties: { total: { type: 'number' } } };
    const task = { type: 'extraction' as const, name: 'Receipt', schema };
    const held = await askIn(id, 'describe', { task });
    assert.deepEqual(described(held).generation.answerFormat, { type: 'json-schema', schema });
    const asked = described(held).messages.at(-1)!;
    assert.match(
      String(asked[1]),
      /^describe\n\nAnswer with the values as JSON that follows this schema:\n\{/,
    );
    const again = await ask({ type: 'regenerate', messageId: held.parentId! });
    assert.deepEqual(described(again).generation.answerFormat, { type: 'json-schema', schema });
    assert.deepEqual((await page.getMessage({ messageId: held.parentId! })).task, task);
  });

  it('a phrase to be found is asked for in the card’s words, and stays the person’s own in the conversation', async () => {
    const { id } = await page.createConversation({});
    await askIn(id, 'describe');
    const found = await askIn(id, 'describe', { task: { type: 'grounding' } });
    assert.equal(textOf(await page.getMessage({ messageId: found.parentId! })), 'describe');
    const asked = await askIn(id, 'describe', { parentId: found.id });
    assert.equal(
      described(asked).messages[1]![1],
      'Please provide the bounding box coordinate of the region this sentence describes: <ref>describe</ref>',
    );
  });

  it('pictures are numbered on over the turns', async () => {
    const { id } = await page.createConversation({});
    const [receipt, word, number] = await Promise.all(
      ['receipt.png', 'word.png', 'number.png'].map(addPicture),
    );
    const first = await askIn(id, 'say two', { parts: [receipt!, word!, text('say two')] });
    const third = await askIn(id, '', { parentId: first.id, parts: [number!, text('describe')] });
    const words = (turn: Described['messages'][number]) =>
      turn.slice(1).map((part) => (typeof part === 'string' ? part : '▣'));
    const { messages } = described(third);
    assert.deepEqual(words(messages[1]!), ['Image-1: ', '▣', '\nImage-2: ', '▣', '\nsay two']);
    assert.deepEqual(words(messages[3]!), ['Image-3: ', '▣', '\ndescribe']);
  });

  it('boxes leave in pixels of the whole picture, also where only a part of it was asked about', async () => {
    const { id } = await page.createConversation({});
    const whole = await addPicture('receipt.png');
    assert.ok(whole.type === 'picture');
    const { widthPx, heightPx } = await page.getAttachment({ id: whole.attachmentId });
    const said = 'say <ref>total</ref><box>[[100,200,600,700]]</box>';
    const answer = await askIn(id, '', { parts: [whole, text(said)] });
    const plain = JSON.parse((await page.exportBoxes({ messageId: answer.id, format: 'json' })).text);
    const near = (found: number[], expected: number[]) => {
      for (const [at, value] of found.entries()) {
        assert.ok(Math.abs(value - expected[at]!) <= 1.01, `${found} is not ${expected}`);
      }
    };
    near(plain.boxes[0].box, [widthPx! * 0.1, heightPx! * 0.2, widthPx! * 0.6, heightPx! * 0.7]);
    assert.deepEqual([plain.width, plain.height, plain.unit], [widthPx, heightPx, 'pixels']);
    const coco = await page.exportBoxes({ messageId: answer.id, format: 'coco' });
    assert.equal(coco.fileName, 'receipt COCO.json');
    const { annotations, categories, images } = JSON.parse(coco.text);
    near(annotations[0].bbox, [widthPx! * 0.1, heightPx! * 0.2, widthPx! * 0.5, heightPx! * 0.5]);
    assert.equal(categories[annotations[0].category_id - 1].name, 'total');
    assert.equal(images[0].file_name, 'receipt.png');

    const box = { x: 0.5, y: 0.5, width: 0.5, height: 0.25 };
    const region: Part = { ...whole, type: 'region', page: null, timeMs: null, box };
    const part = await askIn(id, '', { parts: [region, text(said)] });
    const inPart = JSON.parse((await page.exportBoxes({ messageId: part.id, format: 'json' })).text);
    near(inPart.boxes[0].box, [widthPx! * 0.55, heightPx! * 0.55, widthPx! * 0.8, heightPx! * 0.675]);
    await assert.rejects(
      page.exportBoxes({ messageId: (await askIn(id, 'say nothing')).id, format: 'json' }),
      { code: 'not_found' },
    );
  });

  it('of several answers the first is greedy, the others are sampled, and the choice outlives a restart', async () => {
    const { id } = await page.createConversation({ sampling: { seed: 5 } });
    const first = described(await askIn(id, 'describe', { candidates: 3 }));
    assert.deepEqual([first.generation.temperature, first.generation.seed], [0, 5]);
    const path = await untilChosen(id, 3);
    const candidates = path.at(-1)!.choice!.candidates;
    const third = described(await page.getMessage({ messageId: candidates[2]!.messageId })).generation;
    assert.deepEqual([third.temperature, third.topP, third.seed], [0.7, 0.95, 7]);
    const { choice: made, id: shown } = path.at(-1)!;
    assert.equal(made!.method, 'logprob', 'the descriptions differ by their seeds');
    assert.deepEqual(
      [made!.chosenId, shown],
      [candidates[2]!.messageId, made!.chosenId],
      'the surest is shown',
    );

    const other = (await page.createConversation({})).id;
    await askIn(other, 'say Four.', { candidates: 2 });
    await untilChosen(other, 2);
    await service.shutdown();
    start();
    const { messages } = await page.listMessages({ conversationId: other });
    const { choice, id: shownId, siblingIds } = messages.at(-1)!;
    assert.deepEqual([choice!.method, choice!.chosenId, siblingIds.length], ['majority', shownId, 2]);
    assert.deepEqual(
      choice!.candidates.map(({ votes }) => votes),
      [2, 2],
    );
  });

  it('who stops a candidate stops the others, and each keeps its text', async () => {
    const { id } = await page.createConversation({});
    const stream = page.generateMessage({
      type: 'question',
      conversationId: id,
      parentId: null,
      parts: [text('count 1000 5')],
      candidates: 4,
    });
    for await (const event of stream) {
      if (event.type === 'text' && event.text === '9 ') {
        const { answers } = await page.listRunningAnswers({});
        await page.stopAnswer({ messageId: answers[0]!.messageId });
      }
    }
    const { messages } = await page.listMessages({ conversationId: id });
    const { siblingIds } = messages.at(-1)!;
    assert.equal(siblingIds.length, 4, 'all were written side by side');
    for (const messageId of siblingIds) {
      const candidate = await page.getMessage({ messageId });
      assert.equal(candidate.state, 'stopped');
      assert.match(textOf(candidate), /^1 2 3 /);
    }
    assert.equal(messages.at(-1)!.choice, undefined, 'nothing is chosen from halves');
    while ((await page.listRunningAnswers({})).answers.length > 0);
  });

  async function untilChosen(id: ConversationId, count: number): Promise<Message[]> {
    for (;;) {
      const { messages } = await page.listMessages({ conversationId: id });
      const last = messages.at(-1)!;
      if (last.choice?.candidates.length === count) return messages;
    }
  }
});
