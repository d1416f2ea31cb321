/** One request of a page to the service: opens it, gives its frames with whole payloads, cancels it when left. */
import type { Frame } from '../../native-models/process/frames.ts';
import { createFrameJoiner, framesFor } from '../../native-models/process/long-frames.ts';
import { createMailbox } from '../../native-models/process/mailbox.ts';
import { AppError, reportError } from '../../preload/contract/errors.ts';
import { type AppHost, pageGone } from './app-host.ts';

/** What a request is answered with: values, then an error or the end. */
export type AnswerFrame = Extract<Frame, { kind: 'value' | 'error' | 'end' }>;

const address = { to: 'service', from: 'page', id: 1 };

/** The page is let in for this request alone; an abort, or leaving the loop early, cancels it. Never throws. */
export async function* askService(
  host: Pick<AppHost, 'attachPage'>,
  request: { name: string; input: unknown },
  signal: AbortSignal,
): AsyncGenerator<AnswerFrame, void, void> {
  const mailbox = createMailbox<AnswerFrame>();
  const joiner = createFrameJoiner();
  const fail = (error: unknown) => mailbox.put({ ...address, kind: 'error', payload: reportError(error) });
  const line = host.attachPage((frame) => {
    try {
      const whole = joiner.join(frame);
      if (whole?.kind === 'value' || whole?.kind === 'error' || whole?.kind === 'end') mailbox.put(whole);
    } catch (error) {
      fail(error);
    }
  });
  // A stream may say nothing for hours: whoever leaves meanwhile must not stay its reader.
  signal.addEventListener('abort', mailbox.close, { once: true });
  try {
    if (signal.aborted) return;
    post(line.post, request, fail);
    for await (const frame of mailbox) {
      yield frame;
      if (frame.kind !== 'value') return;
    }
  } finally {
    signal.removeEventListener('abort', mailbox.close);
    line.close(pageGone());
  }
}

function post(
  send: (frame: Frame) => void,
  request: { name: string; input: unknown },
  fail: (error: unknown) => void,
): void {
  try {
    for (const frame of framesFor({ ...address, kind: 'open', payload: request })) send(frame);
  } catch (error) {
    const isShape = error instanceof AppError && error.code === 'internal';
    fail(isShape ? new AppError('invalid_request', 'The request is nested too deeply.') : error);
  }
}
