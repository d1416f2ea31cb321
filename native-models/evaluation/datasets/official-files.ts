/** JSON files as DocVQA, ChartQA, TextVQA, OCRBench and ScreenSpot publish them. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Corners } from '../box-metrics.ts';
import { askWithChoices, type Benchmark, settingsOf } from './benchmarks.ts';
import { placeQuestion, screenPlace } from './place-questions.ts';
import { plainQuestion, type Question } from './question.ts';

const text = z.union([z.string(), z.number()]).transform(String);

/** rrc.cvc.uab.es (DocVQA, InfoVQA): {data: [{questionId, question, image, answers}]}. */
const docVqa = z
  .object({
    data: z.array(
      z.object({ questionId: text, question: z.string(), image: z.string(), answers: z.array(text) }),
    ),
  })
  .transform(({ data }) =>
    data.map(({ questionId, question, image, answers }) => ({
      id: questionId,
      question,
      image,
      answers,
      group: '',
    })),
  );

/** textvqa.org: {data: [{question_id, question, image_id, answers}]}; pictures are `<image_id>.jpg`. */
const textVqa = z
  .object({
    data: z.array(
      z.object({ question_id: text, question: z.string(), image_id: z.string(), answers: z.array(text) }),
    ),
  })
  .transform(({ data }) =>
    data.map((row) => ({
      id: row.question_id,
      question: row.question,
      image: `${row.image_id}.jpg`,
      answers: row.answers,
      group: '',
    })),
  );

/** vis-nlp/ChartQA: [{imgname, query, label}]. */
const chartQa = z.array(z.object({ imgname: z.string(), query: z.string(), label: text })).transform((rows) =>
  rows.map(({ imgname, query, label }, at) => ({
    id: `${at}`,
    question: query,
    image: imgname,
    answers: [label],
    group: '',
  })),
);

/** Yuliang-Liu/MultimodalOCR: [{id, image_path, question, answers, type}]. */
const ocrBench = z
  .array(
    z.object({
      id: text.optional(),
      image_path: z.string(),
      question: z.string(),
      answers: z.union([text.transform((one) => [one]), z.array(text)]),
      type: z.string().default(''),
    }),
  )
  .transform((rows) =>
    rows.map((row, at) => ({
      id: row.id ?? `${at}`,
      question: row.question,
      image: row.image_path,
      answers: row.answers,
      group: row.type,
    })),
  );

/** njucckevin/SeeClick, ScreenSpot: [{img_filename, bbox: x y width height in pixels, instruction, data_type}]. */
const screenSpot = z
  .array(
    z.object({
      img_filename: z.string(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      instruction: z.string(),
      data_type: z.string().default(''),
    }),
  )
  .transform((rows) =>
    rows.map(({ img_filename, bbox, instruction, data_type }, at) => ({
      id: `${at}`,
      question: instruction,
      image: img_filename,
      answers: [] as string[],
      group: data_type,
      box: bbox as Corners,
    })),
  );

const anyOfThem = z.union([docVqa, textVqa, chartQa, ocrBench]);
const mostBytes = 256 * 1024 * 1024;

interface OfficialRow {
  id: string;
  question: string;
  image: string;
  answers: string[];
  group: string;
  box?: Corners;
}

/** @throws AppError `media_broken` for a file of no known shape, `media_too_large` */
export async function* questionsOfOfficialFile(
  path: string,
  benchmark: Benchmark,
): AsyncGenerator<Question, void, void> {
  if ((await stat(path)).size > mostBytes) {
    throw new AppError('media_too_large', 'The data set is larger than 256 MB; use its .tsv.');
  }
  const shape = benchmark.metric === 'pointInBox' ? screenSpot : anyOfThem;
  const rows = shape.safeParse(parseJson(await readFile(path, 'utf8')));
  if (!rows.success) throw broken();
  for (const row of rows.data) yield questionOf(row, benchmark);
}

function questionOf(
  { id, question, image, answers, group, box }: OfficialRow,
  benchmark: Benchmark,
): Question {
  const isFormula = group === 'Handwritten Mathematical Expression Recognition';
  return {
    ...plainQuestion,
    ...settingsOf(benchmark),
    id,
    text: askWithChoices(question, [], benchmark),
    media: [{ kind: 'path', path: image }],
    answers,
    group,
    ...(isFormula && { metric: 'containmentWithoutBlanks' as const }),
    ...(box && { ...placeQuestion('pointInBox', question), ...screenPlace(box) }),
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw broken();
  }
}

function broken(): AppError {
  return new AppError('media_broken', 'The data set has another shape than its name promises. Get it again.');
}
