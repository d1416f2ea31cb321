/** How many requests may wait or run at once; one more is refused instead of piling up. */
import { refuse } from './api-error.ts';

export interface QueueLimit {
  /** Counts a request until its response has been sent or left. @throws ApiRefusal 429 */
  enter(): () => void;
  readonly running: number;
}

export function createQueueLimit(most: number): QueueLimit {
  let running = 0;
  return {
    enter() {
      if (running >= most) throw refuse(429, 'queue_full', 'The server is busy. Try again in a moment.');
      running += 1;
      let isIn = true;
      return () => {
        if (isIn) running -= 1;
        isIn = false;
      };
    },
    get running() {
      return running;
    },
  };
}
