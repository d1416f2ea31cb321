/** From a row of a benchmark's Parquet file to a question: its columns under the names that the other readers know. */
import { AppError } from '../../../preload/contract/errors.ts';
import { type Benchmark, choiceLetters } from './benchmarks.ts';
import { lineReaders, mmluQuestion } from './line-benchmarks.ts';
import type { Question } from './question.ts';
import type { ParquetRow } from './read-parquet.ts';
import type { Row } from './read-tsv.ts';
import { questionOfRow } from './tsv-question.ts';

/** Published as rows of the very fields that their lines have. */
const asLines = new Set(['GSM8K', 'VSI-Bench']);

/**
 * @param number of the row in its file, from 1
 * @throws AppError `media_broken` naming the row, `media_unsupported` for a benchmark whose Parquet file is of another kind
 */
export function questionOfParquetRow(row: ParquetRow, number: number, benchmark: Benchmark): Question {
  const { title } = benchmark;
  if (asLines.has(title)) return lineReaders[title]!({ text: JSON.stringify(row, plain), number }, benchmark);
  if (title === 'MMLU') {
    const choices = listOf(row.choices).map(textOf);
    const fields = [textOf(row.question), ...choices, choiceLetters[Number(row.answer)] ?? ''];
    return { ...mmluQuestion(fields, number, benchmark), group: textOf(row.subject) };
  }
  if (row.qa_pairs !== undefined) {
    throw new AppError('media_unsupported', `The Parquet file of ${title} isn't read. Use its .tsv.`);
  }
  return questionOfRow(tableRow(row, number, benchmark), benchmark, new Map());
}

/** The row as VLMEvalKit's tables have it. Column names: the data sets' own pages on the Hub. */
function tableRow(row: ParquetRow, number: number, { title, metric }: Benchmark): Row {
  const first = (...names: string[]) => names.map((name) => row[name]).find(isThere);
  const question =
    title === 'MathVista' ? first('query', 'question') : first('question', 'query', 'instruction');
  const answer = first('answers', 'answer', 'label', 'ground_truth');
  return {
    index: textOf(first('question_id', 'questionId', 'id', 'pid', 'idx') ?? number),
    question: textOf(question),
    answer: textOf(answer).replace(/^\(([A-J])\)$/, '$1'), // BLINK writes "(A)"
    options: textOf(first('options')),
    choices: textOf(first('choices')),
    ...(title !== 'MathVista' && isThere(row.choices) && { options: textOf(row.choices) }),
    category: textOf(
      first('category', 'sub_task', 'task_type', 'question_type', 'human_or_machine', 'subject'),
    ),
    question_type: textOf(row.question_type),
    answer_type: textOf(row.answer_type),
    data_type: textOf(row.data_type),
    image: imagesOf(row),
    video: textOf(first('videoID', 'video')),
    ...(metric === 'boxIou' && boxOf(row)),
    ...(metric === 'pointInBox' && { bbox: textOf(row.bbox) }),
  };
}

/** lmms-lab's RefCOCO: `bbox` is x, y, width, height in pixels, `answer` lists phrases that mean it. */
function boxOf(row: ParquetRow): Row {
  const [x = 0, y = 0, width = 0, height = 0] = listOf(row.bbox).map(Number);
  const [phrase] = listOf(row.answer);
  const corners = { bbox_x1: x, bbox_y1: y, bbox_x2: x + width, bbox_y2: y + height };
  const texts = Object.fromEntries(Object.entries(corners).map(([name, value]) => [name, `${value}`]));
  return { ...texts, ...(phrase !== undefined && { question: textOf(phrase) }) };
}

/** Pictures in the order of their columns: one as base64, several as a list; empty for none. */
function imagesOf(row: ParquetRow): string {
  const columns = [
    'decoded_image',
    'image',
    ...Array.from({ length: 9 }, (_, at) => `image_${at + 1}`),
    'images',
  ];
  const found = columns.flatMap((name) => listOf(row[name]).map(bytesOf)).filter((bytes) => bytes !== null);
  const texts = found.map((bytes) => Buffer.from(bytes).toString('base64'));
  return texts.length > 1 ? JSON.stringify(texts) : (texts[0] ?? '');
}

/** The Hub's picture columns hold `{bytes, path}`. */
function bytesOf(value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  const bytes = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : null;
  return bytes instanceof Uint8Array ? bytes : null;
}

const isThere = (value: unknown) => value !== null && value !== undefined && value !== '';

function listOf(value: unknown): unknown[] {
  if (!isThere(value)) return [];
  return Array.isArray(value) ? value : [value];
}

/** A list as a list of texts, which the readers of tables know. */
function textOf(value: unknown): string {
  if (!isThere(value)) return '';
  return typeof value === 'object' ? JSON.stringify(value, plain) : String(value);
}

const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
