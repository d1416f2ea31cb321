/** One answer's score, by the metric its question names. */
import { createGroundingParser } from '../text/grounding-parser.ts';
import { createGuiActionParser } from '../text/gui-action-parser.ts';
import { type Corners, intersectionOverUnion, isPointInBox } from './box-metrics.ts';
import { choiceLetter, yesNo } from './choice-metrics.ts';
import type { MetricName, Question } from './datasets/question.ts';
import {
  anls,
  containment,
  containmentWithoutBlanks,
  exactMatch,
  lastNumber,
  meanRelativeAccuracy,
  relaxedAccuracy,
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
  choiceLetter,
  yesNo,
  lastNumber,
  meanRelativeAccuracy,
};

/** Score of an answer, 0 to 1. Text of a `<think>` block is no answer. */
export function scoreAnswer(question: Pick<Question, 'metric' | 'answers' | 'box'>, answer: string): number {
  const said = answer.replaceAll(/<think>[\s\S]*?(?:<\/think>|$)/g, '').trim();
  const { metric, answers, box } = question;
  if (box && metric === 'boxIou') {
    const found = saidBox(said);
    return found && intersectionOverUnion(found, box) >= 0.5 ? 1 : 0;
  }
  if (box && metric === 'pointInBox') return isPointInBox(saidPoint(said), box) ? 1 : 0;
  return textMetrics[metric]?.(said, answers) ?? 0;
}

/** The first box of an answer as shares of the picture. */
function saidBox(answer: string): Corners | null {
  const parser = createGroundingParser();
  for (const segment of [...parser.push(answer), ...parser.flush()]) {
    const box = segment.type === 'reference' ? segment.boxes[0] : undefined;
    if (box) return [box[0] / 1000, box[1] / 1000, box[2] / 1000, box[3] / 1000];
  }
  return null;
}

/** Where the first step of an answer points, else the middle of its first box. */
function saidPoint(answer: string): readonly [number, number] | null {
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
