/** Figures that a benchmark's paper reports beside the share of right answers: MME, POPE, OCRBench. */
import { countYesNo, mmeScore, yesOrNo } from '../choice-metrics.ts';
import type { Benchmark } from '../datasets/benchmarks.ts';
import type { Result } from '../results/result-line.ts';
import { withoutThoughts } from '../score-answer.ts';
import type { Figure } from './evaluation-report.ts';

/** MME's tasks of reasoning; all others are perception (Fu et al. 2023, arXiv 2306.13394, table 1). */
const cognitionTasks = new Set([
  'commonsense_reasoning',
  'numerical_calculation',
  'text_translation',
  'code_reasoning',
]);

export function benchmarkFigures(kind: Benchmark['figures'], results: readonly Result[]): Figure[] {
  if (kind === 'points') {
    return [{ name: 'Points', value: results.reduce((sum, { score }) => sum + score, 0), unit: 'points' }];
  }
  if (kind === 'mme') return mmeFigures(results);
  return kind === 'yes-no' ? yesNoFigures(results) : [];
}

/** Each task is worth 200 points, whatever the number of its pictures. */
function mmeFigures(results: readonly Result[]): Figure[] {
  const totals = { perception: 0, cognition: 0 };
  for (const [task, asked] of Map.groupBy(results, ({ group }) => group)) {
    const pictures = [...Map.groupBy(asked, ({ cluster, at }) => cluster ?? `${at}`).values()];
    totals[cognitionTasks.has(task.toLowerCase()) ? 'cognition' : 'perception'] += mmeScore(
      pictures.map((both) => ({ right: both.filter(({ score }) => score === 1).length, asked: both.length })),
    );
  }
  return [
    { name: 'MME perception', value: totals.perception, unit: 'points' },
    { name: 'MME cognition', value: totals.cognition, unit: 'points' },
    { name: 'MME', value: totals.perception + totals.cognition, unit: 'points' },
  ];
}

function yesNoFigures(results: readonly Result[]): Figure[] {
  const pairs = results.map(({ said, answers }) => ({
    said: yesOrNo(withoutThoughts(said)),
    wanted: yesOrNo(answers[0] ?? '') ?? ('no' as const),
  }));
  const { precision, recall, f1, yesShare } = countYesNo(pairs);
  return [
    { name: 'F1', value: f1, unit: 'percent' },
    { name: 'Precision', value: precision, unit: 'percent' },
    { name: 'Recall', value: recall, unit: 'percent' },
    { name: 'Answered yes', value: yesShare, unit: 'percent' },
  ];
}
