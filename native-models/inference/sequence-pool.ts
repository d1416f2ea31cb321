/** The memory of sequences: who may begin, who waits until others are done, and what is kept for the next turn. */
import type { Decoder } from './decoder.ts';
import { commonPrefixLength, type Sequence, type SequenceKey, truncateSequence } from './sequence.ts';

/** Says that a request waits for memory, and behind how many. */
export interface WaitingEvent {
  type: 'waiting';
  ahead: number;
}

export interface SequencePool {
  /**
   * Waits until sequences of this many tokens in all fit beside those at work; one alone always may begin. Tells at
   * once that it waits and then every 5 s, since a silent request looks like a hang.
   * @returns the function that gives the room back. Rejects with the signal's reason after an abort
   */
  admit(
    tokens: number,
    asker: { client: string; signal: AbortSignal },
  ): AsyncGenerator<WaitingEvent, () => void, void>;
  /**
   * A sequence that begins like `key`, as much of it as an earlier one of this owner held; the last token is always
   * read again.
   */
  take(key: SequenceKey, owner?: string): Sequence;
  /** Keeps a sequence for the next turn of its conversation. */
  keep(sequence: Sequence): void;
  /** Those kept, the longest unused first. */
  readonly kept: readonly Sequence[];
}

export interface PoolLimits {
  /** Tokens of all sequences, at work and kept. */
  tokens: number;
  /** Requests at work at once. */
  requests: number;
  reportEveryMs: number;
}

/** Conversations kept between their turns. */
const mostKept = 4;

interface Waiter {
  tokens: number;
  client: string;
  wake: () => void;
}

export function createSequencePool(decoder: Pick<Decoder, 'createCache'>, limits: PoolLimits): SequencePool {
  const kept: Sequence[] = [];
  const waiters: Waiter[] = [];
  const working = { requests: 0, tokens: 0 };
  const beganAt = new Map<string, number>();
  let begun = 0;

  /** Of the client whose last beginning is longest ago, the request that came first; nobody overtakes it. */
  const nextWaiter = () =>
    waiters.reduce<Waiter | null>((best, each) => (best && began(best) <= began(each) ? best : each), null);
  const began = ({ client }: Waiter) => beganAt.get(client) ?? 0;
  const hasRoom = ({ tokens }: Waiter) =>
    working.requests === 0 ||
    (working.requests < limits.requests && working.tokens + tokens <= limits.tokens);
  const wakeNext = () => nextWaiter()?.wake();
  /** Forgets the longest unused until what is kept fits beside what is at work. */
  const makeRoom = () => {
    const tokensKept = () => kept.reduce((sum, { cache }) => sum + cache.length, 0);
    while (kept.length > mostKept || (kept.length > 0 && working.tokens + tokensKept() > limits.tokens))
      kept.shift()?.cache.release();
  };

  function begin(waiter: Waiter): () => void {
    working.requests += 1;
    working.tokens += waiter.tokens;
    beganAt.delete(waiter.client);
    beganAt.set(waiter.client, ++begun);
    const [oldest] = beganAt.keys();
    if (beganAt.size > 64 && oldest !== undefined) beganAt.delete(oldest);
    return () => {
      working.requests -= 1;
      working.tokens -= waiter.tokens;
      wakeNext();
    };
  }

  return {
    kept,
    async *admit(tokens, { client, signal }) {
      const waiter: Waiter = { tokens, client, wake: () => {} };
      waiters.push(waiter);
      try {
        while (nextWaiter() !== waiter || !hasRoom(waiter)) {
          signal.throwIfAborted();
          yield { type: 'waiting', ahead: working.requests + waiters.indexOf(waiter) };
          if (nextWaiter() !== waiter || !hasRoom(waiter))
            await untilWoken(waiter, signal, limits.reportEveryMs);
        }
        signal.throwIfAborted();
        return begin(waiter);
      } finally {
        waiters.splice(waiters.indexOf(waiter), 1);
        wakeNext();
      }
    },
    take(key, owner = '') {
      const usable = (sequence: Sequence) =>
        Math.min(commonPrefixLength(sequence.key, key), sequence.cache.length, key.ids.length - 1);
      const own = kept.filter((each) => (each.owner ?? '') === owner);
      const best = own.reduce<Sequence | null>(
        (found, each) => (found && usable(found) >= usable(each) ? found : each),
        null,
      );
      // A long conversation is not given up for the few tokens that every prompt begins with.
      const isWorthIt = best && (kept.length === mostKept || 2 * usable(best) >= best.cache.length);
      if (isWorthIt) {
        kept.splice(kept.indexOf(best), 1);
        truncateSequence(best, usable(best));
      }
      makeRoom();
      return isWorthIt ? best : emptySequence(decoder, owner);
    },
    keep(sequence) {
      sequence.cache.reserve(sequence.cache.length);
      kept.push(sequence);
      makeRoom();
    },
  };
}

function emptySequence(decoder: Pick<Decoder, 'createCache'>, owner: string): Sequence {
  return { owner, key: { ids: [], positions: [], pictures: [], said: [] }, cache: decoder.createCache() };
}

function untilWoken(waiter: Waiter, signal: AbortSignal, afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      waiter.wake = () => {};
      resolve();
    };
    const timer = setTimeout(wake, afterMs);
    signal.addEventListener('abort', wake, { once: true });
    waiter.wake = wake;
  });
}
