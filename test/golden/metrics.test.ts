/** Evaluation metrics against a Python reference written from the papers (native-models/reference/metric_goldens.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { type Corners, intersectionOverUnion, isGrounded, isPointInBox } from '../../native-models/evaluation/box-metrics.ts';
import { chosenLetter, countYesNo, mmeScore, yesOrNo } from '../../native-models/evaluation/choice-metrics.ts';
import { pairedDifference, scoreInterval } from '../../native-models/evaluation/confidence.ts';
import { editDistance } from '../../native-models/evaluation/edit-distance.ts';
import * as textMetrics from '../../native-models/evaluation/text-metrics.ts';
import { vqaAccuracy } from '../../native-models/evaluation/vqa-accuracy.ts';

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, 'evaluation', 'metrics.json'), 'utf8'),
) as {
  cases: { metric: string; said: string; answers: string[]; score: number }[];
  boxes: { left: Corners; right: Corners; iou: number }[];
};
const metrics: Record<string, textMetrics.TextMetric> = { ...textMetrics, vqaAccuracy };

test('every metric gives the reference’s score on every case', () => {
  assert.ok(golden.cases.length >= 50);
  for (const { metric, said, answers, score } of golden.cases) {
    // Python and JavaScript sum in another order.
    const found = metrics[metric]!(said, answers);
    assert.ok(Math.abs(found - score) < 1e-12, `${metric}(${said} | ${answers[0]}): ${found}, not ${score}`);
  }
});

test('no metric is a constant on these cases', () => {
  for (const metric of new Set(golden.cases.map((entry) => entry.metric))) {
    const scores = golden.cases.filter((entry) => entry.metric === metric).map((entry) => entry.score);
    assert.ok(new Set(scores).size > 1, metric);
  }
});

test('boxes overlap as in the reference, whatever order their corners come in', () => {
  for (const { left, right, iou } of golden.boxes) {
    const turned: Corners = [right[2], right[3], right[0], right[1]];
    assert.ok(Math.abs(intersectionOverUnion(left, right) - iou) < 1e-12);
    assert.equal(intersectionOverUnion(left, turned), intersectionOverUnion(right, left));
  }
  assert.equal(isGrounded([0, 0, 10, 10], [0, 0, 10, 20]), true);
  assert.equal(isGrounded([0, 0, 10, 9.9], [0, 0, 10, 20]), false);
  assert.equal(isGrounded(null, [0, 0, 1, 1]), false);
});

test('a click on the edge of a box is in it', () => {
  assert.equal(isPointInBox([0.2, 0.4], [0.2, 0.3, 0.5, 0.4]), true);
  assert.equal(isPointInBox([0.19, 0.4], [0.2, 0.3, 0.5, 0.4]), false);
  assert.equal(isPointInBox(null, [0, 0, 1, 1]), false);
});

test('the chosen letter is found as models say it', () => {
  for (const [text, letter] of [
    ['B', 'B'],
    ['(c)', 'C'],
    ['D.', 'D'],
    ['The answer is B.', 'B'],
    ['Answer: **C**', 'C'],
    ['the correct option is (a)', 'A'],
    ['B. A red car', 'B'],
    ['It shows a dog, so (D) fits.', 'D'],
    ['A dog is in C', 'C'],
    ['<think>maybe A or B</think>C', 'C'],
    ['A dog', null],
    ['a dog', null],
    ['I can’t tell', null],
    ['', null],
  ] as const) {
    assert.equal(chosenLetter(text, 'ABCD'), letter, text);
  }
  assert.equal(chosenLetter('I see a cat'), null);
  assert.equal(chosenLetter('I'), 'I');
});

test('yes and no are words of their own, and silence is neither', () => {
  assert.equal(yesOrNo('Yes, there is.'), 'yes');
  assert.equal(yesOrNo('There is not.'), 'no');
  assert.equal(yesOrNo('Yesterday nobody knew'), null);
  const { accuracy, precision, recall, f1, yesShare } = countYesNo([
    { said: 'yes', wanted: 'yes' },
    { said: 'yes', wanted: 'no' },
    { said: null, wanted: 'no' },
    { said: 'no', wanted: 'yes' },
  ]);
  assert.deepEqual([accuracy, precision, recall, f1, yesShare], [0.5, 0.5, 0.5, 0.5, 0.5]);
});

test('MME counts single questions and whole pictures', () => {
  assert.equal(mmeScore([{ right: 2, asked: 2 }, { right: 1, asked: 2 }]), 75 + 50);
  assert.equal(mmeScore([]), 0);
});

test('edit distance is a metric in code points', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('🙂a', 'a'), 1);
});

test('intervals hold the mean, shrink with more questions, and pairing sees small differences', () => {
  const scores = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 0 : 1));
  const unitsOf = (each: readonly number[]) => each.map((score) => ({ score }));
  const wide = scoreInterval(unitsOf(scores.slice(0, 40)));
  const narrow = scoreInterval(unitsOf(scores));
  assert.ok(narrow.low < 0.75 && narrow.high > 0.75);
  assert.ok(narrow.high - narrow.low < wide.high - wide.low);
  assert.deepEqual(scoreInterval(unitsOf(scores)), narrow);
  const better = scores.map((score, i) => (i % 40 === 0 ? 1 : score));
  const difference = pairedDifference(unitsOf(better), scores);
  assert.ok(difference.low > 0 && difference.mean > 0.02);
  assert.throws(() => pairedDifference(unitsOf([1]), []), RangeError);
});
