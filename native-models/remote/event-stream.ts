/** Server-sent events from the bytes of an answer (WHATWG HTML, section 9.2), bounded in size, silence and time. */
import { brokenOff, silent, tooLong } from './server-faults.ts';
import type { ServerLimits } from './server-limits.ts';

/** OpenAI's way of saying that nothing more comes. */
const lastEvent = '[DONE]';

/**
 * The data of each event, `[DONE]` left out. Comments are signs of life and no events.
 * @returns whether the stream ended with `[DONE]`; a server that is cut off does not say it
 * @throws AppError `timed_out` for silence, `network_failed` for a broken connection or too many bytes
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  { limits, signal }: { limits: ServerLimits; signal: AbortSignal },
): AsyncGenerator<string, boolean, void> {
  const decoder = new TextDecoder();
  const endsAt = performance.now() + limits.answerMs;
  let rest = '';
  let data: string[] = [];
  let waitMs = limits.firstEventMs;
  let bytes = 0;
  for await (const piece of withoutSilence(
    body,
    () => Math.min(waitMs, endsAt - performance.now()),
    signal,
  )) {
    waitMs = limits.silenceMs;
    bytes += piece.byteLength;
    // A line feed may belong to the carriage return that a piece ends with.
    const lines = (rest + decoder.decode(piece, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
      if (data.length === 1 && data[0] === lastEvent) return true;
      if (line !== '' || data.length === 0) continue;
      yield data.join('\n');
      data = [];
    }
    const unfinished = data.reduce((sum, line) => sum + line.length, rest.length);
    if (bytes > limits.answerBytes || unfinished > limits.eventBytes) throw tooLong();
  }
  return false;
}

/** The pieces of a body; the connection is closed whichever way this ends. */
async function* withoutSilence(
  body: ReadableStream<Uint8Array>,
  mostMs: () => number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = body.getReader();
  try {
    for (;;) {
      const next = await settleWithin(reader.read(), { mostMs: mostMs(), signal });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function settleWithin<T>(
  work: Promise<T>,
  { mostMs, signal }: { mostMs: number; signal: AbortSignal },
): Promise<T> {
  work.catch(() => {}); // whoever loses the race is told by nobody
  signal.throwIfAborted();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(silent()), Math.max(0, mostMs));
  const leave = () => late.reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  const broken = work.catch(() => {
    signal.throwIfAborted();
    throw brokenOff();
  });
  try {
    return await Promise.race([broken, late.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
    broken.catch(() => {});
  }
}
