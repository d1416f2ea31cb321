/** From a row of VLMEvalKit's files to a question (open-compass/VLMEvalKit: vlmeval/dataset/image_vqa.py and its neighbours). */
import { AppError } from '../../../preload/contract/errors.ts';
import type { Corners } from '../box-metrics.ts';
import type { Benchmark } from './benchmarks.ts';
import type { Media, Question } from './question.ts';
import type { Row } from './read-tsv.ts';

const optionLetters = [...'ABCDEFGHIJ'];

/**
 * @param pictures base64 by row index: a short value in a row's `image` names the row whose picture it shares
 * @throws AppError `media_broken` naming the row
 */
export function questionOfRow(row: Row, benchmark: Benchmark, pictures: Map<string, string>): Question {
  const id = row.index ?? row.id ?? '';
  const options = optionLetters.flatMap((letter) => (row[letter] ? [`${letter}. ${row[letter]}`] : []));
  const asked = [row.hint && `Hint: ${row.hint}`, row.question, ...options].filter(Boolean).join('\n');
  // Numeric questions of VSI-Bench have no options and are scored by distance, the others by their letter.
  const hasChoices = options.length > 0;
  const metric =
    benchmark.metric === 'meanRelativeAccuracy' && hasChoices
      ? 'choiceLetter'
      : benchmark.metric === 'exactMatch' && hasChoices
        ? 'choiceLetter'
        : benchmark.metric;
  const isPlace = metric === 'boxIou' || metric === 'pointInBox';
  return {
    id,
    text: isPlace ? placeQuestion(metric, row.question ?? '') : withInstruction(asked, benchmark),
    media: mediaOf(row, id, pictures),
    metric:
      row.category === 'Handwritten Mathematical Expression Recognition'
        ? 'containmentWithoutBlanks'
        : metric,
    answers: isPlace ? [] : answersOf(row.answer ?? ''),
    box: isPlace ? boxOf(row.bbox ?? row.answer ?? '', id) : null,
    group: row.category ?? row.split ?? '',
    maxTiles: benchmark.maxTiles,
    frames: benchmark.frames,
  };
}

function withInstruction(text: string, { instruction }: Benchmark): string {
  return instruction === null ? text : `${text}\n${instruction}`;
}

/** The card's own wordings for boxes and clicks. */
function placeQuestion(metric: 'boxIou' | 'pointInBox', phrase: string): string {
  if (metric === 'pointInBox') {
    return `In the screenshot, where must one click to do the following? Answer with the action alone.\n${phrase}`;
  }
  return `Please provide the bounding box coordinate of the region this sentence describes: <ref>${phrase}</ref>`;
}

function mediaOf(row: Row, id: string, pictures: Map<string, string>): Media[] {
  if (row.video) return [{ kind: 'path', path: row.video.endsWith('.mp4') ? row.video : `${row.video}.mp4` }];
  if (row.image_path && !row.image) return listOf(row.image_path).map((path) => ({ kind: 'path', path }));
  if (!row.image) return [];
  return listOf(row.image).map((value) => {
    const text = value.length <= 64 ? pictures.get(value) : value;
    if (text === undefined) throw brokenRow(id, 'its picture is missing');
    return { kind: 'bytes', bytes: new Uint8Array(Buffer.from(text, 'base64')), name: `${id}.png` };
  });
}

/** Several values are written as a Python list of texts. */
function listOf(text: string): string[] {
  if (!text.startsWith('[')) return [text];
  return [...text.matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2] ?? '');
}

function answersOf(text: string): string[] {
  const several = listOf(text);
  return several.length > 0 ? several : [text];
}

function boxOf(text: string, id: string): Corners {
  const numbers = text.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
  const [x1, y1, x2, y2] = numbers;
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) {
    throw brokenRow(id, 'it has no box');
  }
  return [x1, y1, x2, y2];
}

function brokenRow(id: string, why: string): AppError {
  return new AppError('media_broken', `Question ${id.slice(0, 40)} of the data set can't be used: ${why}.`);
}
