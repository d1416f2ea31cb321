/** From answers to a report: scores with intervals, the benchmark's own figures, two sides compared, and the failures. */
import { mcNemar, pairedDifference, type ScoredUnit, scoreInterval } from '../confidence.ts';
import type { Benchmark } from '../datasets/benchmarks.ts';
import type { Result } from '../results/result-line.ts';
import { benchmarkFigures } from './benchmark-figures.ts';
import type { Comparison, GroupScore, SideReport } from './evaluation-report.ts';

/** Said in the report, so that its numbers can be judged without reading code. */
export const method =
  'Intervals hold 95 %: percentile bootstrap, 2,000 draws, seed 1, questions about one picture drawn together. Two models are compared by the same bootstrap over the differences, question by question; where answers are either right or wrong, McNemar’s exact test is given besides. A question that could not be asked counts as wrong.';

type Scoring = Pick<Benchmark, 'score' | 'figures'>;

/** Of a data set of one's own: every question counts the same. */
export const plainScoring: Scoring = { score: 'mean', figures: null };

/** One side's part of the report, in the order of the questions. */
export function summariseSide(
  side: Pick<SideReport, 'title' | 'model' | 'precision' | 'device'>,
  results: readonly Result[],
  scoring: Scoring = plainScoring,
): SideReport {
  return {
    ...side,
    asked: results.length,
    failed: results.filter(({ error }) => error !== null).length,
    cut: results.filter(({ stopReason }) => stopReason === 'length').length,
    score: scoreInterval(results.map(unitOf), { score: scoring.score }),
    groups: groupScores(results),
    figures: benchmarkFigures(scoring.figures, results),
    elapsedMs: results.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
  };
}

/** The first side against the second, on the questions that both have answered; null where there are none. */
export function compareSides(
  first: ReadonlyMap<number, Result>,
  second: ReadonlyMap<number, Result>,
  scoring: Scoring = plainScoring,
): Comparison | null {
  const places = [...first.keys()].filter((at) => second.has(at)).sort((a, b) => a - b);
  if (places.length === 0) return null;
  const left = places.map((at) => first.get(at)!);
  const scores = places.map((at) => second.get(at)!.score);
  const difference = pairedDifference(left.map(unitOf), scores, { score: scoring.score });
  return {
    asked: places.length,
    difference,
    counts: mcNemar(
      left.map(({ score }) => score),
      scores,
    ),
    verdict: difference.low > 0 ? 'first' : difference.high < 0 ? 'second' : 'undecided',
  };
}

function unitOf({ score, group, cluster }: Result): ScoredUnit {
  return { score, group, ...(cluster !== null && { cluster }) };
}

function groupScores(results: readonly Result[]): GroupScore[] {
  const groups = Map.groupBy(results, ({ group }) => group);
  if (groups.size < 2) return [];
  return [...groups].map(([group, members]) => ({
    group,
    asked: members.length,
    score: members.reduce((sum, { score }) => sum + score, 0) / members.length,
  }));
}
