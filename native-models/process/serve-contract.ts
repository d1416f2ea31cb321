/** The serving side of a process border: open frames become handler calls, their answers become frames. */
import { type Contract, dispatch, type Handlers } from '../../preload/contract/define.ts';
import { AppError, reportError } from '../../preload/contract/errors.ts';
import type { FramePort } from './child-port.ts';
import type { Frame } from './frames.ts';
import { createFrameJoiner, framesFor } from './long-frames.ts';

type OpenFrame = Extract<Frame, { kind: 'open' }>;

/** What a server needs besides its contract. */
export interface ServeOptions {
  /** Told of every fault that is not an AppError, for the process's own log. */
  onFault?: (error: unknown) => void;
}

export interface ContractServer {
  /** Takes nothing new, aborts what is open, and resolves when all of it has ended. */
  drain(): Promise<void>;
}

/** Serves a contract over a port. A `cancel` frame aborts its request's signal; the request still says how it ended. */
export function serveContract<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  port: FramePort,
  options: ServeOptions = {},
): ContractServer {
  const open = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  const joiner = createFrameJoiner();
  let draining = false;

  async function answer(frame: OpenFrame, signal: AbortSignal): Promise<void> {
    const reply = { to: frame.from, from: frame.to, id: frame.id };
    try {
      if (draining) throw new AppError('child_gone', 'The app is closing.', { retryable: true });
      const { name, input } = frame.payload;
      for await (const value of dispatch(contract, handlers, { name, input, signal })) {
        for (const part of framesFor({ ...reply, kind: 'value', payload: value })) port.post(part);
        await port.untilRoom?.();
      }
      port.post({ ...reply, kind: 'end', payload: null });
    } catch (error) {
      // Abort is an outcome: a handler that ends by throwing its signal's reason has simply ended.
      if (signal.aborted && isAbort(error, signal))
        return port.post({ ...reply, kind: 'end', payload: null });
      if (!(error instanceof AppError) || error.code === 'internal') options.onFault?.(error);
      port.post({ ...reply, kind: 'error', payload: reportError(error) });
    }
  }

  /** The request a frame completes, or null. One whose parts don't make a whole is refused at once. */
  function receive(frame: Frame): OpenFrame | null {
    if (frame.kind !== 'open' && frame.kind !== 'part') return null;
    try {
      const whole = joiner.join(frame);
      return whole?.kind === 'open' ? whole : null;
    } catch (error) {
      const reply = { to: frame.from, from: frame.to, id: frame.id };
      port.post({ ...reply, kind: 'error', payload: reportError(error) });
      return null;
    }
  }

  port.onFrame((received) => {
    const key = `${received.from}/${received.id}`;
    if (received.kind === 'cancel') {
      joiner.forget(received);
      open.get(key)?.abort.abort();
    }
    const frame = open.has(key) ? null : receive(received);
    if (!frame) return;
    const abort = new AbortController();
    const ended = answer(frame, abort.signal).finally(() => open.delete(key));
    open.set(key, { abort, ended });
  });

  return {
    async drain() {
      draining = true;
      const requests = [...open.values()];
      for (const request of requests) request.abort.abort();
      await Promise.all(requests.map((request) => request.ended));
    },
  };
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
