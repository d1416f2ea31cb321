/** One stream for many listeners, joined again when it breaks. */

export interface SharedEvents<Event> {
  /** Opens the stream for the first listener. Returns how to stop listening; the last one closes the stream. */
  subscribe(listener: (event: Event) => void): () => void;
}

export interface ShareOptions<Event> {
  /** Told to every listener after a break: what may have been missed meanwhile. */
  afterBreak: readonly Event[];
  /** Wait before joining again. */
  retryMs: number;
}

export function shareEvents<Event>(
  open: (signal: AbortSignal) => AsyncIterable<Event>,
  { afterBreak, retryMs }: ShareOptions<Event>,
): SharedEvents<Event> {
  const listeners = new Set<(event: Event) => void>();
  let leaving: AbortController | null = null;

  const tell = (event: Event) => {
    for (const listener of [...listeners]) listener(event);
  };

  const listen = async (signal: AbortSignal) => {
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      try {
        let isJoined = isFirst;
        for await (const event of open(signal)) {
          if (signal.aborted) return;
          // The stream is known to stand when it says its first word; only then is asking again of use.
          if (!isJoined) for (const missed of afterBreak) tell(missed);
          isJoined = true;
          tell(event);
        }
      } catch {
        // Broken or refused: the loop joins again.
      }
      await waitFor(retryMs, signal);
    }
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      if (leaving === null) {
        leaving = new AbortController();
        void listen(leaving.signal);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        leaving?.abort();
        leaving = null;
      };
    },
  };
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
