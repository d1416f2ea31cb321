/** The asking side of a process border: a typed client whose calls are promises and whose streams are iterables. */

import type { Frame } from '../../native-models/process/frames.ts';
import { createFrameJoiner, framesFor } from '../../native-models/process/long-frames.ts';
import { createMailbox, type Mailbox } from '../../native-models/process/mailbox.ts';
import type { Client, Contract } from '../../preload/contract/define.ts';
import {
  AppError,
  type AppErrorReport,
  appErrorCodes,
  errorFromReport,
} from '../../preload/contract/errors.ts';

/** A named addressee of frames that may die and come back. */
export interface FrameEndpoint {
  readonly name: string;
  /** Checks and sends one frame. @throws AppError `child_gone` while nobody is there */
  post(frame: Frame): void;
  onFrame(listener: (frame: Frame) => void): void;
  /** Told that the addressee died: nothing will come for any request opened so far. */
  onGone(listener: (error: AppError) => void): void;
}

type Endpoint = Contract[string];
type Answer = Extract<Frame, { kind: 'value' | 'error' | 'end' }>;

/** Ids are unique in this process, so several clients may share an endpoint. */
let lastId = 0;

/**
 * Connects to whoever serves `contract` at the endpoint.
 *
 * Aborting the signal asks the other side to stop; a stream then goes on until its own end, so that an outcome with
 * what was done still arrives. Leaving a stream's loop early asks the same and listens no longer. When the other side
 * dies every open request fails with `child_gone`.
 * @param from the name to which answers are sent
 */
export function connectClient<C extends Contract>(
  contract: C,
  endpoint: FrameEndpoint,
  from = 'main',
): Client<C> {
  const open = new Map<number, Mailbox<Answer | AppError>>();
  const joiner = createFrameJoiner();
  endpoint.onFrame((frame) => {
    // Several addressees may share one line, as those that a relay reaches do.
    if (frame.to !== from || frame.from !== endpoint.name) return;
    const mailbox = open.get(frame.id);
    if (!mailbox) return joiner.forget(frame);
    try {
      const whole = joiner.join(frame);
      if (whole?.kind === 'value' || whole?.kind === 'error' || whole?.kind === 'end') mailbox.put(whole);
    } catch (error) {
      mailbox.put(error as AppError);
    }
  });
  endpoint.onGone((error) => {
    for (const mailbox of open.values()) mailbox.put(error);
    open.clear();
  });

  async function* exchange(name: string, input: unknown, signal?: AbortSignal): AsyncGenerator<unknown> {
    lastId += 1;
    const address = { to: endpoint.name, from, id: lastId };
    const cancel = () => {
      if (open.has(address.id)) postIfThere(endpoint, { ...address, kind: 'cancel', payload: null });
    };
    const mailbox = createMailbox<Answer | AppError>();
    open.set(address.id, mailbox);
    try {
      for (const frame of framesFor({ ...address, kind: 'open', payload: { name, input } }))
        endpoint.post(frame);
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted) cancel();
      for await (const answer of mailbox) {
        if (answer instanceof AppError) throw answer;
        if (answer.kind === 'value') {
          yield readValue(contract[name], answer.payload);
          continue;
        }
        open.delete(address.id);
        if (answer.kind === 'error') throw readError(answer.payload);
        return;
      }
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancel();
      open.delete(address.id);
    }
  }

  async function ask(name: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    let answer: { value: unknown } | null = null;
    for await (const value of exchange(name, input, signal)) answer = { value };
    if (answer) return answer.value;
    signal?.throwIfAborted();
    throw new AppError('internal', `The request "${name}" ended without an answer.`);
  }

  const names = Object.entries(contract);
  return Object.fromEntries(
    names.map(([name, endpoint]) => [
      name,
      (input: unknown, signal?: AbortSignal) =>
        endpoint.kind === 'call' ? ask(name, input, signal) : exchange(name, input, signal),
    ]),
  ) as Client<C>;
}

/** What comes from a child is checked again: the child may hold hostile input, or be of another build. */
function readValue(endpoint: Endpoint | undefined, payload: unknown): unknown {
  const value = endpoint?.output.safeParse(payload);
  if (!value?.success)
    throw new AppError('internal', 'A part of the app gave an answer that makes no sense.');
  return value.data;
}

function readError(report: AppErrorReport): AppError {
  const isKnown = appErrorCodes.some((code) => code === report.code);
  return errorFromReport(isKnown ? report : { ...report, code: 'internal' });
}

/** Nobody left to cancel at is no fault, and a throw inside an abort listener would end the process. */
function postIfThere(endpoint: FrameEndpoint, frame: Frame): void {
  try {
    endpoint.post(frame);
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'child_gone')) throw error;
  }
}
