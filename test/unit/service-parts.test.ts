/** Small parts of the service: where pictures stand in a prompt, what a detail costs, what is remembered, what is named. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { maxTilesOf } from '../../main/service/answering/detail-tiles.ts';
import { expectFirstToken } from '../../main/service/answering/estimate-question.ts';
import { contentOf } from '../../main/service/answering/message-content.ts';
import {
  laterTurn,
  promptMessages,
  type ReadyMessage,
} from '../../main/service/answering/prompt-messages.ts';
import { createRunningAnswer } from '../../main/service/answering/running-answer.ts';
import { createSizedCache } from '../../main/service/attachments/sized-cache.ts';
import { fileNameFor } from '../../main/service/handlers/file-name-for.ts';
import { logFault } from '../../main/service/log-fault.ts';
import { splitPort } from '../../main/service/split-port.ts';
import type { Store } from '../../main/service/store/open-store.ts';
import { pictureId } from '../../native-models/process/engine-contract.ts';
import type { Frame } from '../../native-models/process/frames.ts';
import type { Part } from '../../preload/contract/attachments.ts';
import type { Generation, Message } from '../../preload/contract/conversations.ts';
import { attachmentIdSchema, conversationIdSchema, messageIdSchema } from '../../preload/contract/ids.ts';

const model = {
  tileSize: 448,
  visualTokensPerTile: 256,
  minTiles: 1,
  maxTiles: 12,
  useThumbnail: true,
  contextLength: 32_768,
};
const attachmentId = attachmentIdSchema.parse('a'.repeat(64));

function turn(number: number, more: Partial<ReadyMessage> = {}): ReadyMessage[] {
  const id = (role: string) => messageIdSchema.parse(`${role}-${number}`.padEnd(12, '-'));
  return [
    { id: id('question'), role: 'user', documents: '', files: [], words: `question ${number}`, ...more },
    { id: id('answer'), role: 'assistant', documents: '', files: [], words: `answer ${number}` },
  ];
}
const picture = (name: string) => ({ kind: 'picture' as const, ids: [pictureId.parse(name)] });

test('a detail is one tile, six, or what the model was trained for', () => {
  assert.equal(maxTilesOf('fast', model), 1);
  assert.equal(maxTilesOf('balanced', model), 6);
  assert.equal(maxTilesOf('smallPrint', model), 12);
  assert.equal(maxTilesOf('smallPrint', { ...model, maxTiles: 4 }), 12);
  assert.equal(maxTilesOf('smallPrint', { ...model, maxTiles: 40 }), 24);
});

test('a person’s <image> is text, whatever pictures there are', () => {
  const [, asked] = promptMessages(turn(1, { files: [picture('p1')], words: 'what does <image> mean?' }), {
    systemText: 'be kind',
    firstKept: 0,
  });
  assert.deepEqual(asked?.parts, [
    { type: 'pictures', pictureIds: ['p1'] },
    { type: 'text', text: '\n' },
    { type: 'text', text: 'what does <image> mean?' },
  ]);
});

test('pictures of dropped turns come first in the oldest question that is kept, numbered with its own', () => {
  const messages = [
    ...turn(1, { files: [picture('p1')], documents: 'old.txt:\nlong\n\n' }),
    ...turn(2, { files: [picture('p2')] }),
    ...turn(3, { files: [picture('p3')] }),
  ];
  const asked = promptMessages(messages, { systemText: '', firstKept: 4 });
  assert.deepEqual(
    asked.map(({ role }) => role),
    ['user', 'assistant'],
  );
  const shown = asked[0]?.parts.map((part) => (part.type === 'text' ? part.text : part.pictureIds.join()));
  assert.deepEqual(shown, ['Image-1: ', 'p1', '\nImage-2: ', 'p2', '\nImage-3: ', 'p3', '\n', 'question 3']);
});

test('turns are dropped from question to question, the last one never', () => {
  const messages = [...turn(1), ...turn(2), ...turn(3), ...turn(4).slice(0, 1)];
  assert.equal(laterTurn(messages, 0, 1), 2);
  assert.equal(laterTurn(messages, 2, 1), 4);
  assert.equal(laterTurn(messages, 0, 8), 6, 'more than there are: the last question alone');
  assert.equal(laterTurn(messages, 6, 1), null);
});

test('pages give pictures, texts or both; a text file only text, a scan only pictures', () => {
  const part: Part = {
    type: 'document',
    attachmentId,
    name: 'file',
    detail: 'fast',
    pages: [
      { page: 1, as: 'text' },
      { page: 2, as: 'picture' },
      { page: 3, as: 'both' },
    ],
  };
  const pagesOf = (kind: 'text' | 'pages' | 'scans') => {
    const { texts, pictures } = contentOf([part], () => kind);
    return [texts.map(({ page }) => page), pictures.map(({ page }) => page)];
  };
  assert.deepEqual(pagesOf('pages'), [
    [1, 3],
    [2, 3],
  ]);
  assert.deepEqual(pagesOf('text'), [[null], []]);
  assert.deepEqual(pagesOf('scans'), [[], [1, 2, 3]]);
});

test('the first word is expected from speeds seen, looking only from runs that looked', () => {
  const run = (more: Partial<Generation>) =>
    ({
      visualTokens: 0,
      visionMs: 0,
      promptTokens: 0,
      reusedPromptTokens: 0,
      prefillMs: 0,
      ...more,
    }) as Generation;
  const looked = run({ visualTokens: 1000, visionMs: 4000, promptTokens: 1100, prefillMs: 2200 });
  const followed = run({
    visualTokens: 1000,
    visionMs: 1,
    promptTokens: 1200,
    reusedPromptTokens: 1100,
    prefillMs: 200,
  });
  assert.equal(expectFirstToken([], { visualTokens: 0, newTokens: 10 }), null);
  assert.equal(expectFirstToken([followed], { visualTokens: 256, newTokens: 300 }), null);
  assert.equal(expectFirstToken([followed], { visualTokens: 0, newTokens: 50 }), 100);
  assert.equal(
    expectFirstToken([looked, followed], { visualTokens: 500, newTokens: 600 }),
    500 * 4 + 600 * 2,
  );
});

test('who joins an answer gets the text so far once, the progress in force, and the rest', async () => {
  const begun: Message = {
    id: messageIdSchema.parse('message-1'),
    conversationId: conversationIdSchema.parse('conversation-1'),
    parentId: null,
    role: 'assistant',
    state: 'streaming',
    parts: [{ type: 'text', text: 'before ' }],
    createdAtMs: 0,
    siblingIds: [],
    generation: null,
  };
  const answer = createRunningAnswer(begun, {} as Store);
  const alive = new AbortController().signal;
  answer.tell({ type: 'phase', phase: 'files', done: 1, total: 2 });
  answer.tell({ type: 'phase', phase: 'writing', done: 0, total: 0 });
  answer.say('one ');
  const joined = answer.watch(alive);
  const leave = new AbortController();
  const left = answer.watch(leave.signal);
  leave.abort();
  answer.say('two');
  answer.end({ ...answer.message(), state: 'complete' }, null);
  const events = await Array.fromAsync(joined);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['answer', 'phase', 'text', 'end'],
  );
  const [first, phase] = events;
  assert.deepEqual(first?.type === 'answer' && first.message.parts, [{ type: 'text', text: 'before one ' }]);
  assert.equal(phase?.type === 'phase' && phase.phase, 'writing');
  assert.deepEqual(
    (await Array.fromAsync(left)).map(({ type }) => type),
    ['answer', 'phase'],
  );
  const late = await Array.fromAsync(answer.watch(alive));
  assert.deepEqual(late.at(-1), events.at(-1));
  await answer.ended;
});

test('a cache forgets what was used longest ago, and never holds more than it may', () => {
  const cache = createSizedCache<string>(10, (value) => value.length);
  cache.put('a', 'aaaa');
  cache.put('b', 'bbbb');
  cache.get('a');
  cache.put('c', 'cccc');
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], ['aaaa', undefined, 'cccc']);
  cache.put('d', 'd'.repeat(11));
  assert.equal(cache.get('d'), undefined);
  assert.equal(cache.get('a'), 'aaaa');
  cache.put('a', 'a');
  cache.put('e', 'eeeee');
  assert.equal(cache.get('c'), 'cccc', 'a replaced value gives its room back');
});

test('exported files get names that every file system takes', () => {
  assert.equal(fileNameFor('Rechnung 2026/11: «Summe»?', 'md'), 'Rechnung 2026 11 «Summe».md');
  assert.equal(fileNameFor('../../etc/passwd', 'zip'), 'etc passwd.zip');
  assert.equal(fileNameFor('合同', 'html'), '合同.html');
  assert.equal(fileNameFor(' .\u202e. ', 'json'), 'Conversations.json');
  assert.equal([...fileNameFor('x'.repeat(300), 'md')].length, 83);
});

test('a fault is logged by its places, never by words that may be a person’s', (t) => {
  const lines: string[] = [];
  t.mock.method(console, 'error', (line: string) => lines.push(line));
  const cause = Object.assign(new Error('no such row: zebrafinch'), { code: 'SQLITE_ERROR' });
  logFault(new TypeError('can not read zebrafinch of /home/someone', { cause }));
  logFault('zebrafinch');
  const log = lines.join('\n');
  assert.match(log, /^TypeError\n\s+at .*service-parts\.test\.ts/);
  assert.match(log, /SQLITE_ERROR/);
  assert.doesNotMatch(log, /zebrafinch|\/home\/someone/);
});

test('a sender whom no line accepts is refused, and the others hear only their own', () => {
  const posted: Frame[] = [];
  let receive: (frame: Frame) => void = () => {};
  const split = splitPort({
    post: (frame) => void posted.push(frame),
    onFrame: (listener) => {
      receive = listener;
    },
  });
  const heard: string[] = [];
  for (const name of ['page', 'host'])
    split.lineTo((sender) => sender.startsWith(name)).onFrame(({ from }) => heard.push(`${name}: ${from}`));
  split.start();
  const open = (from: string): Frame => ({
    to: 'service',
    from,
    id: 1,
    kind: 'open',
    payload: { name: 'getSettings', input: {} },
  });
  for (const sender of ['page-1', 'host', 'stranger']) receive(open(sender));
  receive({ to: 'service', from: 'stranger', id: 1, kind: 'cancel', payload: null });
  assert.deepEqual(heard, ['page: page-1', 'host: host']);
  assert.equal(posted.length, 1);
  assert.partialDeepStrictEqual(posted[0], {
    to: 'stranger',
    kind: 'error',
    payload: { code: 'invalid_request' },
  });
});
