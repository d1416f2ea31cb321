/** Which of several answers is chosen, and by what. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { chooseAnswer } from '../../main/service/answering/candidates.ts';
import type { MessageId } from '../../preload/contract/ids.ts';

const answers = (...given: [text: string, meanLogprob: number | null][]) =>
  given.map(([text, meanLogprob], at) => ({ messageId: `answer-${at}` as MessageId, text, meanLogprob }));

test('the final answer that most agree on wins over one the model was surer of', () => {
  const choice = chooseAnswer(answers(['7', -0.01], ['<think>hm</think> **8**', -1], ['8.', -2]));
  assert.deepEqual([choice.method, choice.chosenId], ['majority', 'answer-1']);
  assert.deepEqual(
    choice.candidates.map(({ votes }) => votes),
    [1, 2, 2],
  );
});

test('of two equal camps the one that was there first wins', () => {
  assert.equal(
    chooseAnswer(answers(['b', null], ['a', null], ['a', null], ['b', null])).chosenId,
    'answer-0',
  );
});

test('where all differ, the surest wins, and the first where sureness is not known of all', () => {
  const surest = chooseAnswer(answers(['a', -2], ['b', -0.5], ['c', -1]));
  assert.deepEqual([surest.method, surest.chosenId], ['logprob', 'answer-1']);
  const first = chooseAnswer(answers(['a', -2], ['b', -0.5], ['c', null]));
  assert.deepEqual([first.method, first.chosenId], ['first', 'answer-0']);
});
