/** The embedded model's held-out drawings, as native-models/reference/embedded/held_out.py writes them. */
import { z } from 'zod';
import type { Corners } from '../box-metrics.ts';
import { plainQuestion, type Question } from './question.ts';
import { brokenLine, type Line, parseJsonLine } from './read-lines.ts';

const row = z.object({
  /** One drawing in the first edition, any number since. */
  file: z.string().optional(),
  files: z.array(z.string()).max(64).optional(),
  kind: z.string(),
  /** Whether the drawings are frames of one film, a tile each. */
  frames: z.boolean().default(false),
  question: z.string().optional(),
  questions: z.array(z.string()).min(1).max(16).optional(),
  answer: z.string(),
  /** Where it is right to point, x1 y1 x2 y2 in thousandths of the picture. */
  target: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullish(),
});

/**
 * Boxes count by overlap, clicks by where they land, everything else by the exact text (evaluate.py beside it).
 * @throws AppError `media_broken` naming the line
 */
export function heldOutQuestion(from: Line): Question {
  const parsed = row.safeParse(parseJsonLine(from));
  const { data } = parsed;
  const texts = data?.questions ?? (data?.question === undefined ? [] : [data.question]);
  const text = texts.at(-1);
  if (!data || text === undefined) throw brokenLine(from.number, 'it is no row of the held-out set');
  const { target, kind, answer } = data;
  return {
    ...plainQuestion,
    id: `${from.number}`,
    text,
    earlierTexts: texts.slice(0, -1),
    media: (data.files ?? [data.file].filter((file) => file !== undefined)).map((path) => ({
      kind: 'path',
      path,
    })),
    shownAs: data.frames ? 'frames' : 'pictures',
    metric: target ? (kind === 'box' ? 'boxIou' : 'pointInBox') : 'sameText',
    answers: [answer],
    box: target ? (target.map((side) => side / 1000) as unknown as Corners) : null,
    group: kind,
    maxTiles: 12,
    frames: 0,
    maxNewTokens: 160,
  };
}
