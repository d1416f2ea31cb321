/** Waiting for work that can't be stopped halfway, such as loading a model, which blocks its process for seconds. */

/** @returns null as soon as the signal is aborted; the work goes on, and its end is of no interest any more */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(null);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
