/** One answer's score, by the metric its question names. */
import { createGroundingParser } from '../text/grounding-parser.ts';
import { createGuiActionParser } from '../text/gui-action-parser.ts';
import { type Corners, isGrounded, isPointInBox } from './box-metrics.ts';
import { scoreChoice, yesNo } from './choice-metrics.ts';
import type { MetricName, Question } from './datasets/question.ts';
import {
  anls,
  containment,
  containmentWithoutBlanks,
  exactMatch,
  lastNumber,
  meanRelativeAccuracy,
  relaxedAccuracy,
  sameText,
  type TextMetric,
} from './text-metrics.ts';
import { vqaAccuracy } from './vqa-accuracy.ts';

const textMetrics: Partial<Record<MetricName, TextMetric>> = {
  anls,
  relaxedAccuracy,
  vqaAccuracy,
  containment,
  containmentWithoutBlanks,
  exactMatch,
  sameText,
  yesNo,
  lastNumber,
  meanRelativeAccuracy,
};

type Scored = Pick<Question, 'metric' | 'answers' | 'box'> & Partial<Pick<Question, 'choices' | 'boxUnit'>>;

/**
 * Score of an answer, 0 to 1. Text of a `<think>` block is no answer.
 * @param size of the first picture in pixels; without it a box in pixels scores 0
 */
export function scoreAnswer(question: Scored, answer: string, size?: PictureSize): number {
  const said = withoutThoughts(answer);
  const { metric, answers } = question;
  if (metric === 'choiceLetter') return scoreChoice(said, answers, question.choices);
  if (metric === 'boxIou' || metric === 'pointInBox') {
    const wanted = wantedBox(question, size);
    if (!wanted) return 0;
    const isRight =
      metric === 'boxIou' ? isGrounded(saidBox(said), wanted) : isPointInBox(saidPoint(said), wanted);
    return isRight ? 1 : 0;
  }
  return textMetrics[metric]?.(said, answers) ?? 0;
}

export interface PictureSize {
  width: number;
  height: number;
}

export function withoutThoughts(answer: string): string {
  return answer.replaceAll(/<think>[\s\S]*?(?:<\/think>|$)/g, '').trim();
}

/** Where it is right to point, x1 y1 x2 y2 as shares of the picture; null where nothing or no size is known. */
export function wantedBox(
  { box, boxUnit }: Pick<Question, 'box'> & { boxUnit?: Question['boxUnit'] },
  size?: PictureSize,
): Corners | null {
  if (!box || boxUnit !== 'pixel') return box;
  if (!size) return null;
  return [box[0] / size.width, box[1] / size.height, box[2] / size.width, box[3] / size.height];
}

/** The first box of an answer as shares of the picture. */
export function saidBox(answer: string): Corners | null {
  const parser = createGroundingParser();
  for (const segment of [...parser.push(answer), ...parser.flush()]) {
    const box = segment.type === 'reference' ? segment.boxes[0] : undefined;
    if (box) return [box[0] / 1000, box[1] / 1000, box[2] / 1000, box[3] / 1000];
  }
  return null;
}

/** Where the first step of an answer points, else the middle of its first box; shares of the picture. */
export function saidPoint(answer: string): readonly [number, number] | null {
  const parser = createGuiActionParser();
  for (const segment of [...parser.push(answer), ...parser.flush()]) {
    if (segment.type !== 'action') continue;
    const { step } = segment;
    const place = 'at' in step ? step.at : 'to' in step ? step.to : null;
    if (place) return place;
  }
  const box = saidBox(answer);
  return box && [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}
