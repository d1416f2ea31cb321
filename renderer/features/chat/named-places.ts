/** What the prompt calls pictures and frames (`Image-2`, `Frame7`), and where each of them is. Pure. */
import type { Part } from '../../../preload/contract/attachments.ts';
import type { EarlierQuestion, Message } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import type { Task } from '../../../preload/contract/tasks.ts';
import { type FilePart, placesOfPictures } from './tray.ts';

/** A picture of a question, and which of its part it is. */
export interface NamedPlace {
  part: FilePart;
  place: { page: number | null; timeMs: number | null };
}

/** What an answer was asked with, and may point at. */
export interface Asked {
  /** Parts of the newest question with files: what an answer's boxes lie on. */
  parts: readonly Part[];
  /** Of the question itself. */
  task: Task | null;
  /** `Image-1` and on, over all turns; null as long as those above the shown ones are not known, so that nobody can count. */
  pictures: readonly NamedPlace[] | null;
  /** `Frame1` and on, of the newest film. */
  frames: readonly NamedPlace[];
}

export const nothingAsked: Asked = { parts: [], task: null, pictures: [], frames: [] };

/**
 * For each message what has been asked up to it; the same object from a question to the next.
 * @param earlier questions above these messages; null: there are some, not known yet
 */
export function askedUpTo(
  messages: readonly Message[],
  earlier: readonly EarlierQuestion[] | null,
): ReadonlyMap<MessageId, Asked> {
  let asked: Asked = earlier ? earlier.reduce(askedWith, nothingAsked) : { ...nothingAsked, pictures: null };
  return new Map(
    messages.map((message) => {
      if (message.role === 'user') asked = askedWith(asked, message);
      return [message.id, asked];
    }),
  );
}

/** Pictures of all questions, as the prompt counts them; null while those above are not known. */
export function countPictures(
  messages: readonly Message[],
  earlier: readonly EarlierQuestion[] | null,
): number | null {
  if (!earlier) return null;
  const questions = [...earlier, ...messages.filter(({ role }) => role === 'user')];
  const parts = questions.flatMap((question) => question.parts);
  return parts.flatMap((part) => (part.type === 'text' ? [] : placesOfPictures(part))).length;
}

function askedWith(before: Asked, question: EarlierQuestion): Asked {
  const { parts } = question;
  const task = question.task ?? null;
  const files = parts.filter((part) => part.type !== 'text');
  if (files.length === 0 && task === before.task) return before;
  const film = files.findLast((part) => part.type === 'film');
  return {
    parts: files.length > 0 ? parts : before.parts,
    task,
    pictures: before.pictures && [
      ...before.pictures,
      ...files.flatMap((part) => placesOfPictures(part).map((place) => ({ part, place }))),
    ],
    frames: film
      ? film.frameTimesMs.map((timeMs) => ({ part: film, place: { page: null, timeMs } }))
      : before.frames,
  };
}

/** @param name as an answer's link has it: `frame-7`, `image-2` */
export function findPlace({ pictures, frames }: Asked, name: string): NamedPlace | null {
  const [kind, number] = name.split('-');
  const places = kind === 'frame' ? frames : (pictures ?? []);
  return places[Number(number) - 1] ?? null;
}
