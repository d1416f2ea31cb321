/** Has the threads of a film fulfil wishes for frames, in order and a few ahead of who takes them. */
import { AppError } from '../../../preload/contract/errors.ts';
import type { FilmOutline } from './film-file.ts';
import type { FilmLimits } from './film-limits.ts';
import type { FilmThread } from './film-thread.ts';
import type { FilmTimes } from './film-times.ts';

/** Replies that may wait to be taken: enough to keep two threads busy, and at most 50 MB of frames beyond that. */
const replies = { least: 2, most: 8, bytes: 50_000_000 };

/** When a frame is shown, in the film's own count; by the average rate where the film is too long to be walked through. */
export function timeOfFrame({ shownAt, firstSeconds, frameRate }: FilmTimes, index: number): number {
  return shownAt?.[index] ?? firstSeconds + index / frameRate;
}

/**
 * Replies in the order of the wishes. Wishes that hang on one key frame go to one thread, since each leads to the next.
 * @param seconds rising
 * @throws AppError `timed_out` after `totalMs` of waiting, and what `ask` throws
 */
export async function* askInOrder<Reply>(
  seconds: readonly number[],
  { threads, film, limits }: { threads: readonly FilmThread[]; film: FilmOutline; limits: FilmLimits },
  ask: (thread: FilmThread, seconds: number) => Promise<Reply>,
): AsyncGenerator<Reply> {
  const keys = seconds.map((wish, index) =>
    film.times.shownAt ? film.times.keysAt.findLastIndex((key) => key <= wish) : index,
  );
  const groups = [...new Set(keys)];
  const frameBytes = film.header.widthPx * film.header.heightPx * 3;
  const ahead = Math.max(replies.least, Math.min(replies.most, Math.floor(replies.bytes / frameBytes)));
  const started: Promise<Reply>[] = [];
  let waitedMs = 0;
  for (let index = 0; index < seconds.length; index++) {
    while (started.length < Math.min(seconds.length, index + ahead)) {
      const next = started.length;
      const reply = ask(threads[groups.indexOf(keys[next]!) % threads.length]!, seconds[next]!);
      reply.catch(() => {}); // met when its turn comes
      started.push(reply);
    }
    const sinceMs = performance.now();
    const reply = await started[index]!;
    waitedMs += performance.now() - sinceMs;
    if (waitedMs > limits.totalMs)
      throw new AppError('timed_out', 'Reading the film takes too long. Ask about a shorter part.');
    started[index] = Promise.resolve(null as Reply); // lets the picture go
    yield reply;
  }
}
