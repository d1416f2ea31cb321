/** Opens a data set in any form the product reads, as a stream of questions. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import { type Benchmark, findBenchmark } from './benchmarks.ts';
import { heldOutQuestion } from './held-out.ts';
import { questionOfLine } from './json-question.ts';
import { lineReaders, mmluQuestion } from './line-benchmarks.ts';
import { questionsOfOfficialFile } from './official-files.ts';
import { questionOfParquetRow } from './parquet-question.ts';
import { placeMedia } from './place-media.ts';
import type { Question } from './question.ts';
import { readLines } from './read-lines.ts';
import { readParquet } from './read-parquet.ts';
import { type Row, readRecords, readTsv } from './read-tsv.ts';
import { questionOfRow } from './tsv-question.ts';

/**
 * Questions in the file's order: `.jsonl` of one's own or as a benchmark publishes it, `.tsv` as VLMEvalKit does,
 * `.json` as DocVQA, ChartQA, TextVQA, OCRBench, POPE and ScreenSpot do, `.csv` of MMLU or a folder of them, `.parquet`
 * as the Hub has them or a folder of one split. Media lie inside, or beside the data set, never outside its folder.
 * @throws AppError `not_found`, `media_unsupported` for another kind of file, `media_broken` naming the line,
 * `media_too_large`, `path_refused`
 */
export async function* openDataset(path: string): AsyncGenerator<Question, void, void> {
  for (const file of await filesOfDataset(path)) {
    const folder = dirname(file);
    for await (const question of readQuestions(file)) {
      const media = await Promise.all(question.media.map((one) => placeMedia(one, folder)));
      yield { ...question, media, answers: answersOf(question) };
    }
  }
}

/** A blank answer would occur in everything that is said; the test halves of some benchmarks hold nothing else. */
function answersOf({ id, answers, box }: Question): string[] {
  const told = answers.filter((answer) => answer.trim() !== '');
  if (told.length > 0 || box) return told;
  throw new AppError(
    'media_broken',
    `Question ${id.slice(0, 40)} of the data set has no answer. Use the part of it that is published with answers.`,
  );
}

/** The card's benchmark that a data set is, by its file's name or those of the three folders around it; null for one's own. */
export function benchmarkOf(path: string): Benchmark | null {
  const whole = resolve(path);
  if (basename(whole) === heldOutFile) return null;
  const around = [whole, dirname(whole), dirname(dirname(whole)), dirname(dirname(dirname(whole)))];
  return around.map((place) => findBenchmark(basename(place))).find((found) => found !== null) ?? null;
}

/** The file itself, or the `.csv` or `.parquet` files of a folder by name. @throws AppError `not_found`, `path_refused` */
export async function filesOfDataset(path: string): Promise<string[]> {
  const whole = resolve(path);
  const found = await stat(whole).catch(() => null);
  if (!found) {
    throw new AppError('not_found', `There is no data set "${basename(whole)}" where the command line says.`);
  }
  if (found.isFile()) return [whole];
  if (!found.isDirectory()) throw new AppError('path_refused', 'The data set is a device, not a file.');
  const all = (await readdir(whole)).sort();
  const tables = all.filter((name) => extname(name) === '.csv');
  const names = tables.length > 0 ? tables : all.filter((name) => extname(name) === '.parquet');
  if (names.length === 0) {
    throw new AppError(
      'media_unsupported',
      'The folder holds no .csv or .parquet files. Name the data set’s own file.',
    );
  }
  const splits = new Set(tables.length > 0 ? [] : names.map(splitOf));
  if (splits.size > 1) {
    throw new AppError(
      'media_unsupported',
      `The folder holds several splits: ${[...splits].join(', ').slice(0, 200)}. Name a file of one, or a folder with it alone.`,
    );
  }
  return names.map((name) => join(whole, name));
}

/** What the Hub calls its files: `test-00000-of-00003.parquet`. */
function splitOf(name: string): string {
  return name.replace(/(-\d{5}-of-\d{5})?(-[0-9a-f]{16})?\.parquet$/, '');
}

/** As native-models/reference/embedded/held_out.py names it. */
const heldOutFile = 'held-out.jsonl';

async function* readQuestions(path: string): AsyncGenerator<Question, void, void> {
  const benchmark = benchmarkOf(path);
  const ending = extname(path).toLowerCase();
  const lineReader = benchmark && lineReaders[benchmark.title];
  if (basename(path) === heldOutFile) yield* mapLines(path, heldOutQuestion);
  // POPE calls its lines .json.
  else if (lineReader && (ending === '.jsonl' || (ending === '.json' && benchmark.title === 'POPE'))) {
    yield* mapLines(path, (line) => lineReader(line, benchmark));
  } else if (ending === '.jsonl') yield* mapLines(path, questionOfLine);
  else if (ending === '.tsv' && benchmark) yield* questionsOfTsv(path, benchmark);
  else if (ending === '.csv' && benchmark?.title === 'MMLU') yield* questionsOfMmlu(path, benchmark);
  else if (ending === '.parquet' && benchmark) yield* questionsOfParquet(path, benchmark);
  else if (ending === '.json' && benchmark) yield* questionsOfOfficialFile(path, benchmark);
  else {
    throw new AppError(
      'media_unsupported',
      "This data set isn't known. Use a .jsonl of your own, or a file named as the benchmark publishes it.",
    );
  }
}

async function* mapLines(path: string, read: (line: { text: string; number: number }) => Question) {
  for await (const line of readLines(openText(path))) yield read(line);
}

async function* questionsOfTsv(path: string, benchmark: Benchmark) {
  const shelf = createPictureShelf();
  for await (const row of readTsv(openText(path))) {
    shelf.keep(row);
    yield questionOfRow(row, benchmark, shelf.pictures);
  }
}

async function* questionsOfMmlu(path: string, benchmark: Benchmark) {
  let number = 0;
  const group = basename(path, extname(path)).replace(/_(test|val|dev)$/, '');
  for await (const fields of readRecords(openText(path), ',')) {
    number += 1;
    if (fields.length > 1) yield { ...mmluQuestion(fields, number, benchmark), group };
  }
}

async function* questionsOfParquet(path: string, benchmark: Benchmark) {
  let number = 0;
  for await (const row of readParquet(path)) {
    number += 1;
    yield questionOfParquetRow(row, number, benchmark);
  }
}

async function* openText(path: string): AsyncGenerator<string, void, void> {
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) yield chunk as string;
  } catch (cause) {
    throw new AppError('file_unreadable', `The data set ${basename(path)} can't be read.`, { cause });
  }
}

interface PictureShelf {
  /** Base64 by row index. */
  pictures: Map<string, string>;
  keep(row: Row): void;
}

/** Shared pictures stand close together; this many characters of base64 may stay in memory. */
const mostKeptCharacters = 256 * 1024 * 1024;

/** Rows that share a picture name the row that holds it; only rows that may be named are kept, the oldest go first. */
function createPictureShelf(): PictureShelf {
  const pictures = new Map<string, string>();
  let characters = 0;
  return {
    pictures,
    keep({ index, image }) {
      if (!index || !image || image.length <= 64 || image.startsWith('[')) return;
      characters += image.length - (pictures.get(index)?.length ?? 0);
      pictures.set(index, image);
      for (const [oldest, text] of pictures) {
        if (characters <= mostKeptCharacters) break;
        pictures.delete(oldest);
        characters -= text.length;
      }
    },
  };
}
