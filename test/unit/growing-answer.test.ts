import assert from 'node:assert/strict';
import test from 'node:test';
import { createGrowingAnswer } from '../../native-models/inference/growing-answer.ts';

/** One byte a token. */
const bytes = { tokenBytes: (id: number) => Uint8Array.of(id) };

test('half a character at the end is shown as U+FFFD', () => {
  const answer = createGrowingAnswer(bytes);
  assert.equal(answer.push(0x61), 'a');
  assert.equal(answer.push(0xe4), '');
  assert.equal(answer.flush(), '\ufffd');
  assert.deepEqual([answer.text, answer.tokenIds, answer.stopReason], ['a\ufffd', [0x61, 0xe4], undefined]);
});

test('a stop string that the last flush completes ends the answer before it', () => {
  const answer = createGrowingAnswer(bytes, ['b\ufffd']);
  answer.push(0x61);
  assert.equal(answer.push(0x62), '', 'it may begin the stop string');
  assert.equal(answer.push(0xe4), '');
  assert.equal(answer.flush(), '');
  assert.deepEqual([answer.text, answer.stopReason], ['a', 'stop-string']);
});

test('what only began like a stop string is shown at the end', () => {
  const answer = createGrowingAnswer(bytes, ['bcd']);
  for (const id of [0x61, 0x62, 0x63]) answer.push(id);
  assert.equal(answer.text, 'a');
  assert.equal(answer.flush(), 'bc');
  assert.deepEqual([answer.text, answer.stopReason], ['abc', undefined]);
});

test('nothing follows a stop string', () => {
  const answer = createGrowingAnswer(bytes, ['b']);
  for (const id of [0x61, 0x62]) answer.push(id);
  assert.equal(answer.stopReason, 'stop-string');
  assert.equal(answer.flush(), '');
  assert.equal(answer.text, 'a');
});
