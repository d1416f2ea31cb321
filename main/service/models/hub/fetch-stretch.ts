/** Fetches one stretch of a file into its place on the disk. */
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../../../preload/contract/errors.ts';
import type { Bandwidth } from './bandwidth.ts';
import { faultOfStatus, type Hub, networkFailed, sendHubRequest } from './hub-request.ts';

export interface Stretch {
  address: string;
  /** First byte, and the one behind the last. */
  start: number;
  end: number;
  /** Of the whole file. */
  sizeBytes: number;
}

export interface FetchInto {
  handle: FileHandle;
  bandwidth: Bandwidth;
  onBytes: (sizeBytes: number) => void;
  signal: AbortSignal;
}

/**
 * Fetches `start`…`end` and writes it there, telling `onBytes` of every piece written. A connection that breaks ends it
 * early and loses nothing: the caller knows how far it came and asks for the rest.
 * @throws AppError `network_failed` (retryable), `access_denied`, `not_found`, `download_corrupt` where the server sends
 * another file's length, `disk_full`
 */
export async function fetchStretch(hub: Hub, stretch: Stretch, into: FetchInto): Promise<void> {
  const { start, end } = stretch;
  const response = await sendHubRequest(hub, stretch.address, {
    headers: { range: `bytes=${start}-${end - 1}` },
    signal: into.signal,
  });
  try {
    const skip = judgeAnswer(response, stretch);
    await writeBody(response, { start, end, skip, stallMs: hub.limits.stallMs }, into);
  } finally {
    await response.body?.cancel().catch(() => {});
  }
}

/** How many bytes of the body come before `start`. */
function judgeAnswer(answer: Response, { start, sizeBytes }: Stretch): number {
  if (answer.status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.headers.get('content-range') ?? '');
    if (range?.[1] !== `${start}`) throw networkFailed();
    if (range[3] !== '*' && range[3] !== `${sizeBytes}`) throw otherFile();
    return 0;
  }
  if (answer.status === 200) {
    // A server that knows no ranges sends all of it: right for a beginning, wasteful later.
    const length = answer.headers.get('content-length');
    if (length !== null && length !== `${sizeBytes}`) throw otherFile();
    return start;
  }
  if (answer.status === 416) throw otherFile();
  throw faultOfStatus(answer);
}

async function writeBody(
  response: Response,
  place: { start: number; end: number; skip: number; stallMs: number },
  { handle, bandwidth, onBytes, signal }: FetchInto,
): Promise<void> {
  if (!response.body) throw networkFailed();
  const reader = response.body.getReader();
  let toSkip = place.skip;
  let at = place.start;
  while (at < place.end) {
    const { done, value } = await readChunk(reader, place.stallMs, signal);
    if (done) return;
    const skipped = Math.min(toSkip, value.byteLength);
    toSkip -= skipped;
    const bytes = value.subarray(skipped, skipped + (place.end - at));
    if (bytes.byteLength === 0) continue;
    await bandwidth.pass(bytes.byteLength, signal);
    await handle.write(bytes, 0, bytes.byteLength, at).catch(asDiskError);
    at += bytes.byteLength;
    onBytes(bytes.byteLength);
  }
}

/** The next chunk; `done` too where the connection broke, since what came before it counts. */
async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  stallMs: number,
  signal: AbortSignal,
): Promise<{ done: true; value?: undefined } | { done: false; value: Uint8Array }> {
  const stalled = Promise.withResolvers<{ done: true }>();
  const timer = setTimeout(() => stalled.resolve({ done: true }), stallMs);
  try {
    const chunk = await Promise.race([reader.read(), stalled.promise]);
    return chunk.done ? { done: true } : { done: false, value: chunk.value as Uint8Array };
  } catch {
    signal.throwIfAborted();
    return { done: true };
  } finally {
    clearTimeout(timer);
  }
}

function otherFile(): AppError {
  return new AppError(
    'download_corrupt',
    'The Hub sends another file than it promised. Begin the download again.',
  );
}

function asDiskError(error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    throw new AppError(
      'disk_full',
      'The disk is full. Free some space; the download goes on where it stopped.',
      {
        retryable: true,
        cause: error,
      },
    );
  }
  throw error;
}
