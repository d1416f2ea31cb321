/** Requests over HTTP, for a browser in front of the headless host: one POST each, one JSON line a frame. */
import { hostGone, putUpload, readFault, type Transport } from './transport.ts';

type Line =
  | { kind: 'value'; payload: unknown }
  | { kind: 'error'; payload: { code: string; message: string; retryable: boolean } }
  | { kind: 'end' };

let isLeaving = false;
// First of all listeners, so that what the others say is among the last words.
window.addEventListener('pagehide', () => {
  isLeaving = true;
});
window.addEventListener('pageshow', () => {
  isLeaving = false;
});

/** Browsers carry 64 KiB past the end of a page, in UTF-8. */
const longestLastWords = 16_000;

export function httpTransport(): Transport {
  return { open, upload: putUpload };
}

async function* open(
  name: string,
  input: unknown,
  signal?: AbortSignal,
): AsyncGenerator<unknown, void, void> {
  const leave = new AbortController();
  const body = JSON.stringify(input);
  const response = await fetch(`/api/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    // What a page still says on its way out, such as a draft or what was deleted, must arrive.
    keepalive: (isLeaving || document.visibilityState === 'hidden') && body.length <= longestLastWords,
    signal: signal ? AbortSignal.any([signal, leave.signal]) : leave.signal,
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw hostGone();
  });
  if (!response.body) throw hostGone();
  try {
    for await (const line of readLines(response.body)) {
      const frame = JSON.parse(line, reviveBytes) as Line;
      if (frame.kind === 'value') yield frame.payload;
      else if (frame.kind === 'error') throw readFault(frame.payload);
      else return;
    }
    if (!response.ok || !signal?.aborted) throw hostGone();
  } finally {
    leave.abort();
  }
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read().catch(() => {
      throw hostGone();
    });
    if (done) break;
    rest += value;
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest.trim() !== '') yield rest;
}

/** Bytes travel in JSON as `{"$bytes": base64}`. */
function reviveBytes(_: string, value: unknown): unknown {
  const text = (value as { $bytes?: unknown } | null)?.$bytes;
  return typeof text === 'string'
    ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    : value;
}
