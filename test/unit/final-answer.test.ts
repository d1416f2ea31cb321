/** Answers that say the same in other words of politeness are one answer in a vote. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { finalAnswer } from '../../native-models/text/final-answer.ts';

test('a box in a formula is the answer, braces within it included', () => {
  assert.equal(finalAnswer('So $\\boxed{1}$, no: \\boxed{\\frac{1}{2}}.'), '\\frac{1}{2}');
});

test('what stands behind "Final answer" counts, and the last one does', () => {
  assert.equal(finalAnswer('Final answer: 4\nWait.\n**Final answer:** 84.50'), '84.5');
});

test('a choice is its letter', () => {
  for (const text of ['B', '(B)', 'b.', 'B. The second one']) assert.equal(finalAnswer(text), 'b', text);
  assert.equal(finalAnswer('A cat sits there.'), 'a cat sits there');
});

test('thoughts, case, marks and spaces make no difference', () => {
  assert.equal(finalAnswer('<think>maybe 5</think>\n **Blue.** '), 'blue');
  assert.equal(finalAnswer('1,204'), finalAnswer('1204.0'));
  assert.notEqual(finalAnswer('12'), finalAnswer('13'));
});
