/** One model answers one question at a time: who wants it waits for a turn. */
import type { TurnQueue } from '../../../native-models/process/turn-queue.ts';

/** Does the work when its turn comes; null when the signal was aborted before. `onWaiting` hears how many are ahead. */
export async function inTurn<T>(
  queue: TurnQueue,
  work: () => Promise<T>,
  { signal, onWaiting }: { signal: AbortSignal; onWaiting?: (ahead: number) => void },
): Promise<T | null> {
  const turn = queue.waitForTurn(signal);
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
