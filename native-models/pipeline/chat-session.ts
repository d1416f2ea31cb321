/** Conversations over several turns: LMDeploy's sessions, and the card's `history` of questions and answers. */
import { AppError } from '../../preload/contract/errors.ts';
import type { Message } from '../inference/generation-types.ts';
import { filmQuestion } from '../media/film/film-question.ts';
import type { PictureTiles } from '../media/tiles.ts';
import { cliQuestion } from '../text/image-placeholders.ts';
import type { LoadedImage } from './load-image.ts';
import { type CutTiles, userTurn } from './prompts.ts';
import type { ResponseOfPrompt } from './responses.ts';

/** A question as it was asked, `<image>` included, and its answer: the card's `history`. */
export type History = readonly (readonly [question: string, answer: string])[];

/** What `chat` gives back; pass it to the next `chat` to go on. */
export interface ChatSession {
  readonly response: ResponseOfPrompt;
  /** For `chat`'s option `history`, beside the same pictures. */
  readonly history: History;
  /** The conversation so far, without the system text. */
  readonly messages: readonly Message[];
}

/** What is asked in one turn: text, or text with pictures of this turn. */
export type TurnPrompt = string | readonly [string, LoadedImage | readonly LoadedImage[]];

export interface ConversationOptions {
  /** The conversation to go on with. */
  session?: ChatSession;
  /** The same as the card passes it: earlier questions and answers, beside `pictures`. Not both. */
  history?: History;
  /** Pictures of the whole conversation, in the order of their `<image>`. */
  pictures?: readonly LoadedImage[];
  /** Tiles of each picture, checked against `pictures`. */
  numPatchesList?: readonly number[];
}

/**
 * The conversation up to the new question, and that question as it is kept in `history`.
 * @throws AppError `invalid_request` where options contradict each other, or placeholders and pictures don't match
 */
export function nextTurn(
  prompt: TurnPrompt,
  { session, history, pictures, numPatchesList }: ConversationOptions,
  cutTiles: CutTiles,
): { question: string; messages: Message[] } {
  const isCardStyle = history !== undefined || pictures !== undefined;
  if (isCardStyle && (session || typeof prompt !== 'string')) {
    throw new AppError(
      'invalid_request',
      'chat takes a session and pictures beside each question, or history and pictures as options: not both.',
    );
  }
  if (isCardStyle) {
    const question = prompt as string;
    const tiles = (pictures ?? []).map(cutTiles);
    checkPatches(tiles, numPatchesList);
    return { question, messages: turnsOf(question, history ?? [], tiles) };
  }
  const before = session?.messages ?? [];
  const [text, given] = typeof prompt === 'string' ? [prompt, []] : prompt;
  const images = 'kind' in given ? [given] : given;
  const question = numbered(text, images.length, countPictures(before));
  const turn = userTurn(question, images.map(cutTiles), { firstTurn: before.length === 0 });
  return { question, messages: [...before, turn] };
}

/** Places for a turn's pictures where the text has none; numbers go on over the turns. */
function numbered(text: string, pictures: number, picturesBefore: number): string {
  if (picturesBefore === 0) return cliQuestion(text, pictures);
  return filmQuestion(text, new Array(pictures).fill({ kind: 'picture' }), { picturesBefore });
}

function countPictures(messages: readonly Message[]): number {
  const parts = messages.flatMap((message) => message.parts);
  return parts.reduce((sum, part) => sum + (part.type === 'pictures' ? part.pictures.length : 0), 0);
}

/**
 * The card's turns as messages: pictures stand where `<image>` stands, over all turns in their order.
 * @throws AppError `invalid_request` where placeholders and pictures don't match
 */
function turnsOf(question: string, history: History, pictures: readonly PictureTiles[]): Message[] {
  const questions = [...history.map(([asked]) => asked), question];
  const places = questions.map((text) => text.split('<image>').length - 1);
  const placed = places.reduce((sum, count) => sum + count, 0);
  // One place for all is the card's combined form; a first question without one gets it in front.
  const isCombined = placed <= 1;
  let next = 0;
  return questions.flatMap((text, turn): Message[] => {
    const count = isCombined ? (holdsAll(places, turn) ? pictures.length : 0) : places[turn]!;
    const here = pictures.slice(next, next + count);
    next += count;
    if (turn === questions.length - 1 && next < pictures.length) throw tooMany(pictures.length, placed);
    const asked = userTurn(text, here, { firstTurn: turn === 0 });
    const answer = history[turn]?.[1];
    if (answer === undefined) return [asked];
    return [asked, { role: 'assistant', parts: [{ type: 'text', text: answer }] }];
  });
}

/** The turn of the only place, or the first one where there is none. */
function holdsAll(places: readonly number[], turn: number): boolean {
  const at = places.findIndex((count) => count > 0);
  return turn === Math.max(at, 0);
}

function tooMany(pictures: number, places: number): AppError {
  return new AppError(
    'invalid_request',
    `The questions name <image> ${places} times, the number of pictures is ${pictures}. Write <image> once for each picture, or once for all together.`,
  );
}

/**
 * The card passes the tiles of all pictures as one list, and how many belong to each.
 * @throws AppError `invalid_request` where the list is not that of the pictures
 */
export function checkPatches(
  pictures: readonly PictureTiles[],
  numPatchesList: readonly number[] | undefined,
): void {
  if (!numPatchesList) return;
  const own = pictures.map(({ tileCount }) => tileCount);
  if (own.length === numPatchesList.length && own.every((count, at) => count === numPatchesList[at])) return;
  throw new AppError(
    'invalid_request',
    `numPatchesList is [${numPatchesList.join(', ')}], the pictures have [${own.join(', ')}] tiles.`,
  );
}
