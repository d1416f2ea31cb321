/** Lets so many requests through at once; the others wait in the order in which they came. */

export interface RequestGate {
  /** Requests in front of the next one that comes; 0 where it would be let through. */
  ahead(): number;
  /** Resolves when it is one's turn, to what lets the next one in; null when aborted before. */
  enter(signal: AbortSignal): Promise<(() => void) | null>;
}

export function createRequestGate(mostAtOnce: number): RequestGate {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const leave = () => {
    inside -= 1;
    waiting.shift()?.();
  };
  return {
    ahead: () => Math.max(0, inside + waiting.length + 1 - mostAtOnce),
    async enter(signal) {
      if (signal.aborted) return null;
      if (inside >= mostAtOnce) {
        const turn = Promise.withResolvers<void>();
        waiting.push(turn.resolve);
        const giveUp = () => {
          const at = waiting.indexOf(turn.resolve);
          if (at >= 0) waiting.splice(at, 1);
          turn.resolve();
        };
        signal.addEventListener('abort', giveUp, { once: true });
        await turn.promise;
        signal.removeEventListener('abort', giveUp);
        if (signal.aborted) {
          if (inside < mostAtOnce) waiting.shift()?.(); // a turn that came together with the abort goes on to the next
          return null;
        }
      }
      inside += 1;
      let isInside = true;
      return () => {
        if (isInside) leave();
        isInside = false;
      };
    },
  };
}
