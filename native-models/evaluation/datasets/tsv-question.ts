/** From a row of VLMEvalKit's files to a question (open-compass/VLMEvalKit: vlmeval/dataset/image_vqa.py and its neighbours). */
import { AppError } from '../../../preload/contract/errors.ts';
import { askWithChoices, type Benchmark, choiceLetters, settingsOf } from './benchmarks.ts';
import { placeOfRow, placeQuestion } from './place-questions.ts';
import { readPythonList } from './python-list.ts';
import { type Media, plainQuestion, type Question } from './question.ts';
import type { Row } from './read-tsv.ts';

/**
 * @param pictures base64 by row index: a short value in a row's `image` names the row whose picture it shares
 * @throws AppError `media_broken` naming the row
 */
export function questionOfRow(row: Row, benchmark: Benchmark, pictures: Map<string, string>): Question {
  const id = row.index || row.id || '';
  const media = mediaOf(row, id, pictures);
  const common = {
    ...plainQuestion,
    ...settingsOf(benchmark),
    id,
    media,
    group: row.category || row.type || row.task_type || row.split || row.task || '',
  };
  if (benchmark.metric === 'boxIou' || benchmark.metric === 'pointInBox') {
    const place = placeOfRow(row, benchmark.metric);
    if (!place) throw brokenRow(id, 'it has no box');
    const asked = placeQuestion(benchmark.metric, row.question ?? '');
    return { ...common, ...asked, ...place, group: row.data_type ?? common.group };
  }
  if (benchmark.title === 'MathVista') return { ...common, ...mathVista(row) };
  const choices = choicesOf(row);
  const hint = row.hint && choices.length > 0 ? `${row.hint}\n` : '';
  const text = askWithChoices(`${hint}${row.question ?? ''}`, choices, benchmark);
  const answer = row.answer || row.ground_truth || '';
  return {
    ...common,
    ...settingsOf(benchmark, choices),
    text: nameOwnPictures(text, media.length),
    answers: readPythonList(answer) ?? [answer],
    ...(row.category === 'Handwritten Mathematical Expression Recognition' && {
      metric: 'containmentWithoutBlanks' as const,
    }),
  };
}

/** MathVista's questions hold their hint and choices; what is right depends on the kind (vlmeval/dataset/utils/mathvista.py). */
function mathVista(row: Row): Pick<Question, 'text' | 'metric' | 'answers' | 'choices'> {
  const text = row.question ?? '';
  const choices = readPythonList(row.choices ?? '') ?? [];
  const letter = row.answer_option || choiceLetters[choices.indexOf(row.answer ?? '')];
  if (row.question_type === 'multi_choice' && letter) {
    return { text, metric: 'choiceLetter', answers: [letter], choices };
  }
  const isNumber = row.answer_type === 'integer' || row.answer_type === 'float';
  return { text, metric: isNumber ? 'lastNumber' : 'exactMatch', answers: [row.answer ?? ''], choices: [] };
}

/** Choices in columns of their own, or as one list. */
function choicesOf(row: Row): string[] {
  const columns = choiceLetters.flatMap((letter) => (row[letter] ? [row[letter]] : []));
  const listed = () => readPythonList(row.candidates || row.options || '') ?? [];
  return columns.length > 0 ? columns : listed().slice(0, choiceLetters.length);
}

/**
 * `<image 2>` within a question names one of its pictures (MMMU). They all stand before the question, so the mark
 * becomes that picture's name, as in the family's own evaluation; a single picture needs none.
 */
function nameOwnPictures(text: string, count: number): string {
  return text.replaceAll(/<image (\d{1,2})>/g, (_, number: string) => (count > 1 ? `<Image-${number}>` : ''));
}

function mediaOf(row: Row, id: string, pictures: Map<string, string>): Media[] {
  if (row.video) {
    const folder = row.prefix ? `${row.prefix}/` : '';
    const name = row.video.endsWith('.mp4') ? row.video : `${row.video}.mp4`;
    return [{ kind: 'path', path: row.video_path || folder + name }];
  }
  if (row.image_path && !row.image) return listOf(row.image_path).map((path) => ({ kind: 'path', path }));
  if (!row.image) return [];
  return listOf(row.image).map((value) => {
    const text = value.length <= 64 ? pictures.get(value) : value;
    if (text === undefined) throw brokenRow(id, 'its picture is missing');
    return { kind: 'bytes', bytes: new Uint8Array(Buffer.from(text, 'base64')), name: `${id || 'row'}.png` };
  });
}

function listOf(text: string): string[] {
  return readPythonList(text) ?? [text];
}

function brokenRow(id: string, why: string): AppError {
  return new AppError('media_broken', `Question ${id.slice(0, 40)} of the data set can't be used: ${why}.`);
}
