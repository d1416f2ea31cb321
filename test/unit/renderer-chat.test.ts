/** The pure parts of the conversation's view: window of messages, files of a question, boxes, live answers. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Attachment, Part } from '../../preload/contract/attachments.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import type { GenerationEvent } from '../../preload/contract/generation.ts';
import type { AttachmentId, ConversationId, MessageId } from '../../preload/contract/ids.ts';
import { firstPicture, readGroundedAnswer } from '../../renderer/features/chat/grounded-answer.ts';
import { createLiveAnswers } from '../../renderer/features/chat/live-answers.ts';
import { messagesBefore, withMessage, withOlder } from '../../renderer/features/chat/message-window.ts';
import {
  canSend,
  moveItem,
  partFor,
  partsOf,
  pictureNames,
  putItem,
  type TrayItem,
} from '../../renderer/features/chat/tray.ts';
import { endOfSentences } from '../../renderer/features/chat/whole-sentences.ts';

const messageId = (name: string) => name.padEnd(8, '-') as MessageId;

function message(name: string, parent: string | null, text = name): Message {
  return {
    id: messageId(name),
    conversationId: 'conversation' as ConversationId,
    parentId: parent === null ? null : messageId(parent),
    role: 'user',
    state: 'complete',
    parts: [{ type: 'text', text }],
    createdAtMs: 0,
    siblingIds: [messageId(name)],
    generation: null,
  };
}

const [a, b, c] = [message('a', null), message('b', 'a'), message('c', 'b')];

test('a new message stands behind its parent and takes the place of the branch that was shown', () => {
  const window = { messages: [a, b, c], start: 0 };
  assert.deepEqual(withMessage(window, message('d', 'c')).messages.at(-1)?.id, messageId('d'));
  assert.deepEqual(
    withMessage(window, message('b2', 'a')).messages.map(({ id }) => id),
    [messageId('a'), messageId('b2')],
  );
  assert.deepEqual(withMessage(window, message('a2', null)).messages.length, 1);
  assert.equal(withMessage(window, { ...b, state: 'stopped' }).messages[1]?.state, 'stopped');
});

test('older messages come in front, each once, and a deleted one hides what follows it', () => {
  const older = withOlder({ messages: [b, c], start: 1 }, { messages: [a, b], start: 0, total: 3 });
  assert.deepEqual(older, { messages: [a, b, c], start: 0 });
  assert.deepEqual(messagesBefore([a, b, c], b.id), [a]);
  assert.deepEqual(messagesBefore([a, b, c], null), [a, b, c]);
});

const attachment = (change: Partial<Attachment> = {}): Attachment => ({
  id: 'f'.repeat(64) as AttachmentId,
  kind: 'picture',
  mediaType: 'image/png',
  sizeBytes: 1,
  widthPx: 1,
  heightPx: 1,
  pageCount: null,
  durationMs: null,
  hasThumbnail: true,
  ...change,
});
const ready = (key: string, change: Partial<Attachment> = {}): TrayItem => ({
  key,
  name: key,
  state: 'ready',
  attachment: attachment(change),
  part: partFor(attachment(change), key),
});

test('a question can be sent when it says something and no file is on its way', () => {
  assert.equal(canSend([], '  '), false);
  assert.equal(canSend([], 'why'), true);
  assert.equal(canSend([ready('x')], ''), true);
  assert.equal(canSend([{ key: 'x', name: 'x', state: 'adding' }], 'why'), false);
  assert.equal(canSend([{ key: 'x', name: 'x', state: 'refused', error: null }], 'why'), true);
});

test('parts stand in the order of the files, words last', () => {
  const items = moveItem(
    [ready('x'), ready('y', { kind: 'document', mediaType: 'text/plain', hasThumbnail: false })],
    1,
    0,
  );
  assert.deepEqual(
    partsOf(items, 'why').map(({ type }) => type),
    ['document', 'picture', 'text'],
  );
  assert.deepEqual(
    partFor(attachment({ kind: 'document', mediaType: 'text/plain', hasThumbnail: false }), 'x'),
    {
      type: 'document',
      attachmentId: attachment().id,
      name: 'x',
      detail: 'balanced',
      pages: [{ page: 1, as: 'text' }],
    },
  );
});

test('pictures have numbers when there are several, and a file that was removed while it came stays away', () => {
  assert.deepEqual(pictureNames([ready('x')]), [null]);
  assert.deepEqual(pictureNames([ready('x'), ready('y')]), ['Image-1', 'Image-2']);
  assert.deepEqual(putItem([], ready('x')), []);
  assert.equal(putItem([{ key: 'x', name: 'x', state: 'adding' }], ready('x'))[0]?.state, 'ready');
});

test('references become mentions, and boxes of a region are told as shares of the whole picture', () => {
  const text = 'The <ref>cat *</ref><box>[[0,0,500,1000]]</box> sits.';
  const answer = { id: messageId('a'), text, isGrowing: false };
  const whole = readGroundedAnswer(answer, null);
  assert.equal(whole.text, 'The [cat \\*](#box-a--------1) sits.');
  assert.deepEqual(whole.boxes[0]?.box, { x: 0, y: 0, width: 0.5, height: 1 });
  const cut = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
  assert.deepEqual(readGroundedAnswer(answer, cut).boxes[0]?.box, {
    x: 0.5,
    y: 0.5,
    width: 0.25,
    height: 0.5,
  });
});

test('a reference that is not whole yet is held back while the answer grows, and text at its end', () => {
  const half = { id: messageId('a'), text: 'See <ref>the cat</ref><box>[[0,', isGrowing: true };
  assert.equal(readGroundedAnswer(half, null).text, 'See ');
  assert.equal(readGroundedAnswer({ ...half, isGrowing: false }, null).text, half.text);
});

test('boxes lie on the first picture of the question', () => {
  const file = { attachmentId: attachment().id, name: 'x', detail: 'fast' as const };
  const pdf: Part = {
    type: 'document',
    ...file,
    pages: [
      { page: 1, as: 'text' },
      { page: 4, as: 'both' },
    ],
  };
  assert.equal(firstPicture([{ type: 'text', text: 'why' }, pdf])?.page, 4);
  assert.equal(firstPicture([{ type: 'text', text: 'why' }]), null);
});

test('a screen reader hears whole sentences only', () => {
  assert.equal(endOfSentences('No end yet'), 0);
  assert.equal(endOfSentences('One. Two'), 4);
  assert.equal(endOfSentences('一句。二'), 3);
  assert.equal(endOfSentences('3.14 is'), 0);
});

test('an answer goes on being collected while nobody looks, and its end is told', async () => {
  const answer = { ...message('answer', 'a', ''), role: 'assistant' as const, state: 'streaming' as const };
  let goOn = () => {};
  const waiting = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  async function* events(): AsyncGenerator<GenerationEvent> {
    yield { type: 'answer', message: answer };
    yield { type: 'text', text: 'one ' };
    yield { type: 'text', text: 'two' };
    await waiting;
    yield { type: 'end', message: { ...answer, state: 'complete' }, error: null };
  }
  const live = createLiveAnswers({ generateMessage: events, watchAnswer: events });
  const ended: string[] = [];
  const listener = {
    onQuestion() {},
    onAnswer() {},
    onContext() {},
    onEnd: ({ state }: Message) => ended.push(state),
  };
  await live.generate({ type: 'regenerate', messageId: a.id }, listener);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(live.get(answer.id)?.text, 'one two');
  goOn();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual([ended, live.get(answer.id)], [['complete'], null]);
});
