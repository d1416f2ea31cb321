/** Questions as a person writes them: one JSON object a line. */
import { z } from 'zod';
import { metricNames, plainQuestion, type Question } from './question.ts';
import { brokenLine, type Line, parseJsonLine } from './read-lines.ts';

const oneOrMore = z.union([z.string(), z.array(z.string()).max(1000)]);
const line = z.object({
  id: z.string().max(200).optional(),
  question: z.string().min(1),
  /** File names beside the data set; a film is sampled. */
  media: z.union([z.string(), z.array(z.string()).max(64)]).default([]),
  answers: oneOrMore.default([]),
  /** Texts of the choices, the first being A; they belong into the question too. */
  choices: z.array(z.string()).max(10).default([]),
  /** x1 y1 x2 y2 as shares of the picture. */
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  metric: z.enum(metricNames).default('exactMatch'),
  group: z.string().default(''),
  maxTiles: z.int().min(1).max(40).default(12),
  frames: z.int().min(1).max(64).default(8),
  maxNewTokens: z.int().min(1).max(8192).default(256),
});

/** @throws AppError `media_broken` naming the line and the field */
export function questionOfLine(from: Line): Question {
  const parsed = line.safeParse(parseJsonLine(from));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw brokenLine(from.number, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'invalid'}`);
  }
  const { id, question, media, answers, box, ...rest } = parsed.data;
  const needsBox = rest.metric === 'boxIou' || rest.metric === 'pointInBox';
  if (needsBox && !box) throw brokenLine(from.number, 'a box is missing');
  if (!needsBox && answers.length === 0) throw brokenLine(from.number, 'answers are missing');
  return {
    ...plainQuestion,
    ...rest,
    id: id ?? `${from.number}`,
    text: question,
    media: [media].flat().map((path) => ({ kind: 'path', path })),
    answers: [answers].flat(),
    box: box ?? null,
  };
}
