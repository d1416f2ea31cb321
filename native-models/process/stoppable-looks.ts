/** Looks ahead that run beside everything else, and end before the model under them goes. */

export interface Looks {
  /** The stream of `work`, which ends when its asker leaves or `stopAll` is called. */
  run<Event>(
    signal: AbortSignal,
    work: (signal: AbortSignal) => AsyncGenerator<Event, void, void>,
  ): AsyncGenerator<Event, void, void>;
  /** Resolves when none is left. */
  stopAll(): Promise<void>;
}

export function createLooks(): Looks {
  const open = new Map<AbortController, Promise<void>>();
  return {
    async *run(signal, work) {
      const stop = new AbortController();
      const { promise, resolve } = Promise.withResolvers<void>();
      open.set(stop, promise);
      try {
        yield* work(AbortSignal.any([signal, stop.signal]));
      } finally {
        open.delete(stop);
        resolve();
      }
    },
    async stopAll() {
      const ended = [...open.values()];
      for (const stop of open.keys()) stop.abort();
      await Promise.all(ended);
    },
  };
}
