/** JSON files as DocVQA, ChartQA, TextVQA and OCRBench publish them. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Benchmark } from './benchmarks.ts';
import type { Question } from './question.ts';

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

const anyOfThem = z.union([docVqa, textVqa, chartQa, ocrBench]);
const mostBytes = 256 * 1024 * 1024;

/** @throws AppError `media_broken` for a file of no known shape, `media_too_large` */
export async function* questionsOfOfficialFile(
  path: string,
  benchmark: Benchmark,
): AsyncGenerator<Question, void, void> {
  if ((await stat(path)).size > mostBytes) {
    throw new AppError('media_too_large', 'The data set is larger than 256 MB; use its .tsv.');
  }
  const rows = anyOfThem.safeParse(parseJson(await readFile(path, 'utf8')));
  if (!rows.success) throw broken();
  for (const { id, question, image, answers, group } of rows.data) {
    const isFormula = group === 'Handwritten Mathematical Expression Recognition';
    yield {
      id,
      text: benchmark.instruction === null ? question : `${question}\n${benchmark.instruction}`,
      media: [{ kind: 'path', path: image }],
      metric: isFormula ? 'containmentWithoutBlanks' : benchmark.metric,
      answers,
      box: null,
      group,
      maxTiles: benchmark.maxTiles,
      frames: 0,
    };
  }
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
