/** Whole answers scored, intervals and tests, against a Python reference (native-models/reference/evaluation/score_goldens.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { Corners } from '../../native-models/evaluation/box-metrics.ts';
import {
  type Interval,
  mcNemar,
  pairedDifference,
  type ScoredUnit,
  scoreInterval,
} from '../../native-models/evaluation/confidence.ts';
import { type MetricName, plainQuestion } from '../../native-models/evaluation/datasets/question.ts';
import { benchmarkFigures } from '../../native-models/evaluation/report/benchmark-figures.ts';
import type { Result } from '../../native-models/evaluation/results/result-line.ts';
import { type PictureSize, scoreAnswer } from '../../native-models/evaluation/score-answer.ts';

interface Case {
  metric: MetricName;
  said: string;
  answers: string[];
  choices?: string[];
  box?: Corners;
  boxUnit?: 'share' | 'pixel';
  size?: PictureSize;
  score: number;
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'evaluation', 'scores.json'), 'utf8')) as {
  cases: Case[];
  intervals: { units: ScoredUnit[]; mean: Interval; meanOfGroups: Interval };
  mcNemar: { onlyLeft: number; onlyRight: number; p: number }[];
  yesNo: { pairs: [string, string][]; figures: Record<string, number> };
  mme: { rows: [string, string, number][]; figures: Record<string, number> };
};

const near = (found: number, wanted: number, what: string) =>
  // Sums run in another order.
  assert.ok(Math.abs(found - wanted) < 1e-9, `${what}: ${found}, not ${wanted}`);

test('every answer gets the reference’s score', () => {
  assert.ok(golden.cases.length >= 50);
  for (const { said, score, size, ...rest } of golden.cases) {
    const question = { ...plainQuestion, ...rest };
    near(scoreAnswer(question, said, size), score, `${rest.metric} of ${JSON.stringify(said)}`);
  }
});

test('every metric has right and wrong answers among the cases', () => {
  for (const [metric, cases] of Map.groupBy(golden.cases, (entry) => entry.metric)) {
    assert.ok(new Set(cases.map(({ score }) => score)).size > 1, metric);
  }
});

test('intervals are the reference’s, draw by draw, over pictures and with groups that count equally', () => {
  const { units, mean, meanOfGroups } = golden.intervals;
  const found = [scoreInterval(units), scoreInterval(units, { score: 'mean-of-groups' })];
  for (const [at, wanted] of [mean, meanOfGroups].entries()) {
    for (const key of ['mean', 'low', 'high'] as const) near(found[at]![key], wanted[key], key);
  }
  const alone = scoreInterval(units.map(({ score }) => ({ score })));
  assert.notDeepEqual([alone.low, alone.high], [mean.low, mean.high], 'pictures matter');
});

test('McNemar’s test gives the exact probability, for few questions and for many', () => {
  for (const { onlyLeft, onlyRight, p } of golden.mcNemar) {
    const left = [...Array(onlyLeft).fill(1), ...Array(onlyRight).fill(0), 1, 0];
    const right = [...Array(onlyLeft).fill(0), ...Array(onlyRight).fill(1), 1, 0];
    const counts = mcNemar(left, right);
    assert.deepEqual([counts?.onlyLeft, counts?.onlyRight], [onlyLeft, onlyRight]);
    near(counts!.p, p, `${onlyLeft} to ${onlyRight}`);
  }
  assert.equal(mcNemar([0.5], [1]), null, 'graded scores are neither right nor wrong');
});

test('a model against itself shows no difference, and against a worse one it does', () => {
  const { units } = golden.intervals;
  const own = units.map(({ score }) => score);
  assert.deepEqual(pairedDifference(units, own), { mean: 0, low: 0, high: 0 });
  const worse = own.map((score, at) => (at % 4 === 0 ? 0 : score));
  assert.ok(pairedDifference(units, worse).low > 0);
});

const result = (over: Partial<Result>): Result => ({
  ...{ type: 'answer', at: 0, id: '', group: '', metric: 'yesNo', question: '', answers: [], said: '' },
  ...{ score: 0, cluster: null, size: null, stopReason: 'eos', tokens: 1, elapsedMs: 1, error: null },
  ...over,
});

test('POPE’s and MME’s own figures are the reference’s', () => {
  const pope = golden.yesNo.pairs.map(([said, answer], at) => result({ at, said, answers: [answer] }));
  const mme = golden.mme.rows.map(([group, cluster, score], at) => result({ at, group, cluster, score }));
  for (const { name, value } of benchmarkFigures('yes-no', pope)) {
    near(value, golden.yesNo.figures[name]!, name);
  }
  const figures = benchmarkFigures('mme', mme);
  assert.equal(figures.length, 3);
  for (const { name, value } of figures) near(value, golden.mme.figures[name]!, name);
});
