/** How far an evaluation is and how long it still takes, on stderr. */
import { performance } from 'node:perf_hooks';
import type { Terminal } from '../terminal.ts';

export interface Progress {
  /** Begins a side; `done` questions were answered in earlier runs. */
  start(title: string, done: number): void;
  /** A question of the side was answered. */
  tick(score: number): void;
}

/** Where nobody watches, a line is left at each tenth. */
const notedShares = 10;

/** @param plan.total questions of each side; `sides` how many; `isWatched` whether a person looks at stderr */
export function createProgress(
  terminal: Terminal,
  { total, sides, isWatched }: { total: number; sides: number; isWatched: boolean },
  now: () => number = () => performance.now(),
): Progress {
  let title = '';
  let sidesStarted = 0;
  let done = 0;
  let answered = 0;
  let scores = 0;
  let startedAt = now();
  const line = () => {
    const left = (sides - sidesStarted) * total + total - done;
    const leftMs = ((now() - startedAt) / Math.max(answered, 1)) * left;
    const score = `${((100 * scores) / Math.max(answered, 1)).toFixed(0)} % right`;
    return `${title}: ${done} of ${total} questions, ${score}, ${describeDuration(leftMs)} left`;
  };
  return {
    start(name, alreadyDone) {
      title = name;
      sidesStarted += 1;
      done = alreadyDone;
      [answered, scores, startedAt] = [0, 0, now()];
      if (done > 0) terminal.note(`${name}: ${done} of ${total} questions were answered before.`);
    },
    tick(score) {
      done += 1;
      answered += 1;
      scores += score;
      terminal.showStatus(line());
      const tenths = Math.floor((notedShares * done) / total);
      const isNewTenth = tenths > Math.floor((notedShares * (done - 1)) / total);
      if (isNewTenth && !isWatched) terminal.note(line());
    },
  };
}

/** `40 s`, `3 min`, `2 h 5 min`. */
export function describeDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
