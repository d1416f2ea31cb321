/** Which of several answers is chosen, and by what. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { chooseAnswer } from '../../main/service/answering/choose-answer.ts';
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

test('a critic that has read them decides alone, of equal scores for the earlier one', () => {
  const written = answers(['8', -0.1], ['8', -0.2], ['7', -3]);
  const choice = chooseAnswer(written, { critic: 'VisualPRM', scores: [0.2, 0.9, 0.9] });
  assert.deepEqual([choice.method, choice.chosenId], ['critic', 'answer-1']);
  assert.deepEqual(
    choice.candidates.map(({ votes, criticScore }) => [votes, criticScore]),
    [
      [2, 0.2],
      [2, 0.9],
      [1, 0.9],
    ],
  );
});

test('a critic that could not read them is named with its reason beside the choice made without it', () => {
  const choice = chooseAnswer(answers(['8', -0.1], ['8', -0.2]), { critic: 'VisualPRM', absence: 'Full.' });
  assert.deepEqual([choice.method, choice.critic], ['majority', { name: 'VisualPRM', absence: 'Full.' }]);
  assert.equal(choice.candidates[0]!.criticScore, undefined);
});
