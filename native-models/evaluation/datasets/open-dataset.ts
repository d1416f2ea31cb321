/** Opens a data set file in any form the product reads, as a stream of questions. */
import { createReadStream } from 'node:fs';
import { basename, dirname, isAbsolute, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { AppError } from '../../../preload/contract/errors.ts';
import { findBenchmark } from './benchmarks.ts';
import { questionOfLine } from './json-question.ts';
import { questionsOfOfficialFile } from './official-files.ts';
import type { Media, Question } from './question.ts';
import { type Row, readTsv } from './read-tsv.ts';
import { questionOfRow } from './tsv-question.ts';

/**
 * Questions in the file's order: `.jsonl` of one's own, `.tsv` as VLMEvalKit publishes, `.json` as DocVQA, ChartQA,
 * TextVQA and OCRBench do. Media are files beside the data set, never outside its folder.
 * @throws AppError `media_unsupported` for another kind of file, `media_broken` naming the line, `path_refused`
 */
export async function* openDataset(path: string): AsyncGenerator<Question, void, void> {
  const folder = dirname(resolve(path));
  for await (const question of readQuestions(path)) {
    yield { ...question, media: question.media.map((media) => placeMedia(media, folder)) };
  }
}

async function* readQuestions(path: string): AsyncGenerator<Question, void, void> {
  const benchmark = findBenchmark(basename(path));
  if (path.endsWith('.jsonl')) {
    let number = 0;
    for await (const line of createInterface({
      input: createReadStream(path),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      number += 1;
      if (line.trim() !== '') yield questionOfLine(line, number);
    }
  } else if (path.endsWith('.tsv') && benchmark) {
    const pictures = new Map<string, string>();
    const chunks = createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>;
    for await (const row of readTsv(chunks)) {
      keepPicture(row, pictures);
      yield questionOfRow(row, benchmark, pictures);
    }
  } else if (path.endsWith('.json') && benchmark) yield* questionsOfOfficialFile(path, benchmark);
  else {
    throw new AppError(
      'media_unsupported',
      "This data set isn't known. Use a .jsonl of your own, or a file named as the benchmark publishes it.",
    );
  }
}

/** Rows that share a picture name the row that holds it; only rows that may be named are kept. */
function keepPicture(row: Row, pictures: Map<string, string>): void {
  const { index, image } = row;
  if (index !== undefined && image !== undefined && image.length > 64 && !image.startsWith('[')) {
    pictures.set(index, image);
    const [oldest] = pictures.keys();
    if (pictures.size > mostKeptPictures && oldest !== undefined) pictures.delete(oldest);
  }
}

/** Shared pictures stand close together; a thousand of half a megabyte is what may stay in memory. */
const mostKeptPictures = 1000;

function placeMedia(media: Media, folder: string): Media {
  if (media.kind === 'bytes') return media;
  const path = resolve(folder, media.path);
  if (isAbsolute(media.path) || !path.startsWith(folder + sep)) {
    throw new AppError(
      'path_refused',
      'The data set names a file outside its own folder. Put its media beside it.',
    );
  }
  return { kind: 'path', path };
}
