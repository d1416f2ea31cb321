/** One request to a server: redirects not followed, times and sizes bounded, faults as sentences. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../preload/contract/errors.ts';
import type { ServerAddress } from './server-address.ts';
import { BusyServer, faultOfStatus, notUnderstood, silent, tooLong, unreachable } from './server-faults.ts';
import type { ServerLimits } from './server-limits.ts';

interface Sent {
  server: ServerAddress;
  /** Below the base address: `/models`. */
  path: string;
  /** Sent as JSON; absent for a GET. */
  body?: unknown;
  limits: ServerLimits;
  /** Until the answer begins. */
  waitMs: number;
  signal: AbortSignal;
}

/**
 * Sends, and gives the answer once its header is there. The caller reads or cancels the body.
 * @throws AppError; the signal's reason when it was aborted
 */
export async function sendRequest({ server, path, body, limits, waitMs, signal }: Sent): Promise<Response> {
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(), waitMs);
  const response = await fetch(`${server.baseUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    redirect: 'manual',
    headers: {
      accept: body === undefined ? 'application/json' : 'text/event-stream',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(server.key !== null && { authorization: `Bearer ${server.key}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([signal, slow.signal]),
  })
    .catch((cause: unknown) => {
      signal.throwIfAborted();
      throw slow.signal.aborted ? silent() : unreachable(cause);
    })
    .finally(() => clearTimeout(timer));
  if (response.status === 200) return response;
  throw await refusal(response, limits);
}

/** A refusal's words are read as far as they are short and come soon. */
async function refusal(response: Response, limits: ServerLimits): Promise<AppError> {
  const text = await Promise.race([
    readText(response, limits.bodyBytes).catch(() => ''),
    sleep(limits.shortAnswerMs, '', { ref: false }),
  ]);
  return faultOfStatus(response.status, text, response.headers);
}

/** A short answer as JSON. @throws AppError as `sendRequest`, `network_failed` for what is no JSON */
export async function fetchJson(sent: Omit<Sent, 'waitMs' | 'body'>): Promise<unknown> {
  const { limits, signal } = sent;
  const slow = AbortSignal.timeout(limits.shortAnswerMs);
  const both = AbortSignal.any([signal, slow]);
  try {
    const response = await sendRequest({ ...sent, waitMs: limits.shortAnswerMs, signal: both });
    const text = await readText(response, limits.bodyBytes);
    return JSON.parse(text) as unknown;
  } catch (error) {
    signal.throwIfAborted();
    if (slow.aborted) throw silent();
    throw error instanceof AppError ? error : notUnderstood(error);
  }
}

/** @throws AppError `network_failed` for more than `mostBytes` */
async function readText(response: Response, mostBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > mostBytes) throw tooLong();
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

/** Asks again while the server is busy, waiting as long as it asks, within bounds. */
export async function whileBusy<T>(
  attempt: () => Promise<T>,
  { limits, signal }: { limits: ServerLimits; signal: AbortSignal },
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof BusyServer) || tried >= limits.tries) throw error;
      const waitMs = Math.max(error.waitMs, limits.firstWaitMs * 2 ** (tried - 1));
      await sleep(Math.min(waitMs, limits.longestWaitMs), undefined, { signal });
    }
  }
}
