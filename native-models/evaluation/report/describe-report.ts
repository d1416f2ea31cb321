/** The report in sentences, for the terminal and above the tables. */
import type { EvaluationReport } from './evaluation-report.ts';

/** `83.3 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Which of two sides is better, and how sure that is. */
export function describeComparison({ sides, comparison }: EvaluationReport): string {
  const [first, second] = sides;
  if (!comparison || !first || !second) return '';
  const { difference, counts, verdict, asked } = comparison;
  const points = (share: number) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}`;
  const interval = `${points(difference.mean)} points, 95 % interval ${points(difference.low)} to ${points(difference.high)}`;
  const [better, worse] = verdict === 'second' ? [second, first] : [first, second];
  const sentence =
    verdict === 'undecided'
      ? `No difference between ${first.title} and ${second.title} can be told from ${asked} questions`
      : `${better.title} is better than ${worse.title} on these ${asked} questions`;
  const differ = counts && counts.onlyLeft + counts.onlyRight > 0;
  const test = differ
    ? ` Only ${first.title} was right ${times(counts.onlyLeft)}, only ${second.title} ${times(counts.onlyRight)} (McNemar’s exact test: p = ${formatP(counts.p)}).`
    : '';
  return `${sentence} (${interval}).${test}`;
}

function times(count: number): string {
  return count === 1 ? 'on one' : `on ${count}`;
}

function formatP(p: number): string {
  return p < 0.001 ? 'below 0.001' : p.toFixed(3);
}

/** A few lines for a terminal. */
export function describeReport(report: EvaluationReport): string[] {
  const { dataset, sides, comparison } = report;
  const lines = sides.flatMap((side) => [
    `${side.title}: ${percent(side.score.mean)} (95 % interval ${percent(side.score.low)} to ${percent(side.score.high)}), ${side.asked} of ${dataset.questions} questions`,
    ...(side.failed > 0 ? [`  ${side.failed} could not be asked and count as wrong`] : []),
    ...side.figures.map(
      ({ name, value, unit }) => `  ${name}: ${unit === 'percent' ? percent(value) : value.toFixed(1)}`,
    ),
  ]);
  return comparison ? [...lines, describeComparison(report)] : lines;
}
