/** Questions as a person writes them: one JSON object a line. */
import { z } from 'zod';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Question } from './question.ts';

const metric = z.enum([
  'anls',
  'relaxedAccuracy',
  'vqaAccuracy',
  'containment',
  'containmentWithoutBlanks',
  'exactMatch',
  'choiceLetter',
  'yesNo',
  'lastNumber',
  'meanRelativeAccuracy',
  'boxIou',
  'pointInBox',
]);
const line = z.object({
  id: z.string().optional(),
  question: z.string().min(1),
  /** File names beside the data set; a film is sampled. */
  media: z.union([z.string(), z.array(z.string())]).default([]),
  answers: z.union([z.string(), z.array(z.string())]).default([]),
  /** x1 y1 x2 y2 as shares of the picture. */
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  metric: metric.default('exactMatch'),
  group: z.string().default(''),
  maxTiles: z.int().min(1).max(40).default(12),
  frames: z.int().min(0).max(64).default(8),
});

/** @throws AppError `media_broken` naming the line and the field */
export function questionOfLine(text: string, number: number): Question {
  const parsed = line.safeParse(readJson(text, number));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw brokenLine(number, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'invalid'}`);
  }
  const { id, question, media, answers, box, ...rest } = parsed.data;
  const needsBox = rest.metric === 'boxIou' || rest.metric === 'pointInBox';
  if (needsBox && !box) throw brokenLine(number, 'a box is missing');
  if (!needsBox && answers.length === 0) throw brokenLine(number, 'answers are missing');
  return {
    ...rest,
    id: id ?? `${number}`,
    text: question,
    media: [media].flat().map((path) => ({ kind: 'path', path })),
    answers: [answers].flat(),
    box: box ?? null,
  };
}

function readJson(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw brokenLine(number, 'it is not valid JSON');
  }
}

function brokenLine(number: number, why: string): AppError {
  return new AppError('media_broken', `Line ${number} of the data set can't be used: ${why}.`);
}
