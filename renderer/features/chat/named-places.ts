/** What the prompt calls pictures and frames (`Image-2`, `Frame7`), and where each of them is. Pure. */
import type { Part } from '../../../preload/contract/attachments.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
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
  /** `Image-1` and on, over all turns; null where older messages are not here, so that nobody can count. */
  pictures: readonly NamedPlace[] | null;
  /** `Frame1` and on, of the newest film. */
  frames: readonly NamedPlace[];
}

export const nothingAsked: Asked = { parts: [], task: null, pictures: [], frames: [] };

/** For each message what has been asked up to it; the same object from a question to the next. */
export function askedUpTo(messages: readonly Message[], hasOlder: boolean): ReadonlyMap<MessageId, Asked> {
  let asked: Asked = hasOlder ? { ...nothingAsked, pictures: null } : nothingAsked;
  return new Map(
    messages.map((message) => {
      if (message.role === 'user') asked = askedWith(asked, message);
      return [message.id, asked];
    }),
  );
}

/** Pictures of all questions, as the prompt counts them. */
export function countPictures(messages: readonly Message[]): number {
  const parts = messages.flatMap((message) => (message.role === 'user' ? message.parts : []));
  return parts.flatMap((part) => (part.type === 'text' ? [] : placesOfPictures(part))).length;
}

function askedWith(before: Asked, message: Message): Asked {
  const { parts } = message;
  const task = message.task ?? null;
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
