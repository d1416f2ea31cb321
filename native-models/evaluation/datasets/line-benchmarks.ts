/** Benchmarks that are published as lines: POPE, RefCOCO and VSI-Bench as JSON, GSM8K as JSON, MMLU as CSV. */
import { z } from 'zod';
import { groundingQuestion } from '../../text/card-prompts.ts';
import { askWithChoices, type Benchmark, settingsOf } from './benchmarks.ts';
import { plainQuestion, type Question } from './question.ts';
import { brokenLine, type Line, parseJsonLine } from './read-lines.ts';

const text = z.union([z.string(), z.number()]).transform(String);
const pixels = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** AoiDouga/POPE: {question_id, image, text, label}. */
const pope = z.object({ question_id: text, image: z.string(), text: z.string(), label: z.string() });

/** As the family's own evaluation writes RefCOCO: {image, sent, bbox, height, width}, the box in pixels. */
const refCoco = z.object({ image: z.string(), sent: z.string(), bbox: pixels });

/** nyu-visionx/VSI-Bench, test.jsonl. */
const vsiBench = z.object({
  id: text,
  dataset: z.string(),
  scene_name: text,
  question_type: z.string(),
  question: z.string(),
  ground_truth: text,
  options: z.array(z.string()).max(10).nullish(),
});

/** openai/grade-school-math: {question, answer}, where the answer ends with `#### 18`. */
const gsm8k = z.object({ question: z.string(), answer: z.string() });

type LineReader = (line: Line, benchmark: Benchmark) => Question;

/** Readers by the benchmark's title; the others are not published as lines. */
export const lineReaders: Record<string, LineReader> = {
  POPE: (line, benchmark) => {
    const row = read(line, pope);
    return {
      ...plainQuestion,
      ...settingsOf(benchmark),
      id: row.question_id,
      text: askWithChoices(row.text, [], benchmark),
      media: [{ kind: 'path', path: row.image }],
      answers: [row.label],
    };
  },
  RefCOCO: (line, benchmark) => {
    const row = read(line, refCoco);
    return {
      ...plainQuestion,
      ...settingsOf(benchmark),
      id: `${line.number}`,
      text: groundingQuestion(row.sent),
      media: [{ kind: 'path', path: row.image }],
      box: row.bbox,
      boxUnit: 'pixel',
    };
  },
  'VSI-Bench': (line, benchmark) => {
    const row = read(line, vsiBench);
    const choices = row.options ?? [];
    return {
      ...plainQuestion,
      ...settingsOf(benchmark, choices),
      id: row.id,
      text: askWithChoices(row.question, choices, benchmark),
      media: [{ kind: 'path', path: `${row.dataset}/${row.scene_name}.mp4` }],
      answers: [row.ground_truth],
      group: row.question_type,
    };
  },
  GSM8K: (line, benchmark) => {
    const row = read(line, gsm8k);
    return {
      ...plainQuestion,
      ...settingsOf(benchmark),
      id: `${line.number}`,
      text: askWithChoices(row.question, [], benchmark),
      // The working before it holds numbers too; the last one is the answer.
      answers: [row.answer.split('####').at(-1)!.trim()],
    };
  },
};

function read<S extends z.ZodType>(line: Line, shape: S): z.output<S> {
  const parsed = shape.safeParse(parseJsonLine(line));
  if (parsed.success) return parsed.data;
  throw brokenLine(line.number, 'it has another shape than this benchmark’s');
}

/**
 * hendrycks/test: a CSV a subject, without a head: question, four choices, the right letter.
 * @throws AppError `media_broken` naming the row
 */
export function mmluQuestion(fields: readonly string[], number: number, benchmark: Benchmark): Question {
  const [question, a, b, c, d, letter] = fields;
  if (fields.length !== 6 || !question || !/^[A-D]$/.test(letter?.trim() ?? '')) {
    throw brokenLine(number, 'MMLU has a question, four choices and a letter in each');
  }
  const choices = [a!, b!, c!, d!];
  return {
    ...plainQuestion,
    ...settingsOf(benchmark, choices),
    id: `${number}`,
    text: askWithChoices(question, choices, benchmark),
    answers: [letter!.trim()],
  };
}
