/** Which questions a reader of the report should look at, and where on the picture each answer pointed. */
import type { Question } from '../datasets/question.ts';
import type { Result } from '../results/result-line.ts';
import { saidBox, saidPoint, wantedBox, withoutThoughts } from '../score-answer.ts';
import type { Failure, SideAnswer } from './evaluation-report.ts';

/** A graded answer below this is worth looking at. */
const rightScore = 0.5;

/** Places of the questions that a side got wrong, those first where the sides differ most. */
export function failedPlaces(sides: readonly ReadonlyMap<number, Result>[]): number[] {
  const places = [...new Set(sides.flatMap((results) => [...results.keys()]))].sort((a, b) => a - b);
  const scoresAt = (at: number) => sides.flatMap((results) => results.get(at)?.score ?? []);
  const spread = (at: number) => Math.max(...scoresAt(at)) - Math.min(...scoresAt(at));
  return places
    .filter((at) => scoresAt(at).some((score) => score < rightScore))
    .sort((a, b) => spread(b) - spread(a) || a - b);
}

/** The question at a place with what every side said to it. */
export function describeFailure(
  at: number,
  question: Pick<Question, 'metric' | 'box' | 'boxUnit'>,
  sides: readonly ReadonlyMap<number, Result>[],
): Failure {
  const answered = sides.map((results) => results.get(at) ?? null);
  const known = answered.find((result) => result !== null)!;
  const { id, group, answers, size } = known;
  return {
    at,
    id,
    group,
    metric: question.metric,
    question: known.question,
    answers,
    wantedBox: wantedBox(question, size ?? undefined),
    size,
    sides: answered.map((result) => result && describeAnswer(result, question.metric)),
  };
}

function describeAnswer({ said, score, error }: Result, metric: Question['metric']): SideAnswer {
  const answer = withoutThoughts(said);
  return {
    said,
    score,
    error: error?.message ?? null,
    box: metric === 'boxIou' ? saidBox(answer) : null,
    point: metric === 'pointInBox' ? saidPoint(answer) : null,
  };
}
