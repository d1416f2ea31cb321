/** Answers are written beside each other, and a model is changed alone: who wants either waits for a turn. */
import type { TurnQueue } from '../../../native-models/process/turn-queue.ts';

/**
 * Does the work when its turn comes; null when the signal was aborted before. `onWaiting` hears how many are ahead;
 * `shared` work may overlap with other shared work.
 */
export async function inTurn<T>(
  queue: TurnQueue,
  work: () => Promise<T>,
  {
    signal,
    onWaiting,
    shared = false,
  }: { signal: AbortSignal; onWaiting?: (ahead: number) => void; shared?: boolean },
): Promise<T | null> {
  const turn = queue.waitForTurn(signal, { shared });
  let step = await turn.next();
  for (; !step.done; step = await turn.next()) onWaiting?.(step.value.ahead);
  const release = step.value;
  if (!release) return null;
  try {
    return await work();
  } finally {
    release();
  }
}

/** The turn itself; null when the signal was aborted before. It may be given up more than once. */
export function takeTurn(queue: TurnQueue, signal: AbortSignal): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    inTurn(
      queue,
      () => {
        const { promise, resolve: giveUp } = Promise.withResolvers<void>();
        resolve(giveUp);
        return promise;
      },
      { signal },
    ).then(() => resolve(null), reject);
  });
}
