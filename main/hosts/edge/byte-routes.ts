/** `/attachment/<id>` and `/view/<id>`: stored files and pictures of them, as browsers ask for them. */
import { AppError } from '../../../preload/contract/errors.ts';
import { type BytesRequest, bytesRequestSchema, type HostClient } from '../../service/host-contract.ts';
import { readRange } from './byte-range.ts';
import type { EdgeRequest, EdgeResponse, Route } from './edge-types.ts';
import { refuse } from './fault-response.ts';

/** Asked for at once: frames know no back-pressure, so a long film must not be read ahead of its reader. */
const stretchBytes = 4 * 1024 * 1024;

type AttachmentRequest = Extract<BytesRequest, { route: 'attachment' }>;
type Header = { mediaType: string; sizeBytes: number };

/** What is shown in place; anything else may only be saved. SVG is none of them, since it holds scripts. */
const shownTypes =
  /^(?:image\/(?!svg)[a-z0-9.+-]+|video\/[a-z0-9.+-]+|audio\/[a-z0-9.+-]+|application\/pdf)$/;

export const attachmentRoute: Route = {
  method: 'GET',
  path: /^\/attachment\/([0-9a-f]{64})$/,
  example: `/attachment/${'0'.repeat(64)}`,
  async handle(request, [id], { host }) {
    const file = readRequest({ route: 'attachment', id, range: null }) as AttachmentRequest;
    const { header } = await openBytes(host.client, { ...file, range: { start: 0, end: 0 } }, request.signal);
    const range = readRange(request.header('range'), header.sizeBytes);
    if (range === 'unsatisfiable') {
      const refusal = refuse(416, 'invalid_request', 'The file has no bytes there.');
      return { ...refusal, headers: { ...refusal.headers, 'content-range': `bytes */${header.sizeBytes}` } };
    }
    const { start, end } = range ?? { start: 0, end: header.sizeBytes - 1 };
    return {
      status: range ? 206 : 200,
      headers: {
        ...byteHeaders(header.mediaType, end - start + 1),
        'accept-ranges': 'bytes',
        ...(range && { 'content-range': `bytes ${start}-${end}/${header.sizeBytes}` }),
      },
      body: readStretches(host.client, file, { start, end, signal: request.signal }),
    };
  },
};

export const viewRoute: Route = {
  method: 'GET',
  path: /^\/view\/([0-9a-f]{64})$/,
  example: `/view/${'0'.repeat(64)}?maxSide=64`,
  async handle(request, [id], { host }): Promise<EdgeResponse> {
    const asked = readRequest({ route: 'view', id, ...readViewQuery(request) });
    const { header, pieces } = await openBytes(host.client, asked, request.signal);
    return { status: 200, headers: byteHeaders(header.mediaType, header.sizeBytes), body: pieces };
  },
};

function readViewQuery({ query }: EdgeRequest): Record<string, unknown> {
  const number = (name: string) => (query.has(name) ? Number(query.get(name) || Number.NaN) : null);
  const [x, y, width, height] = (query.get('box') ?? '').split(',').map(Number);
  return {
    page: number('page'),
    timeMs: number('timeMs'),
    box: query.has('box') ? { x, y, width, height } : null,
    maxSide: number('maxSide') ?? 1024,
  };
}

function readRequest(asked: unknown): BytesRequest {
  const parsed = bytesRequestSchema.safeParse(asked);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || 'its address';
  throw new AppError('invalid_request', `The picture’s address is not valid at ${where}.`);
}

/** Nothing of a conversation is kept in a browser's cache: what is deleted must be gone. */
function byteHeaders(mediaType: string, sizeBytes: number): Record<string, string> {
  return {
    'content-type': mediaType,
    'content-length': `${sizeBytes}`,
    'cache-control': 'no-store',
    ...(!shownTypes.test(mediaType) && { 'content-disposition': 'attachment' }),
  };
}

async function openBytes(
  client: HostClient,
  asked: BytesRequest,
  signal: AbortSignal,
): Promise<{ header: Header; pieces: AsyncGenerator<Uint8Array> }> {
  const events = client.openBytes(asked, signal)[Symbol.asyncIterator]();
  const first = await events.next();
  if (first.done || first.value.type !== 'header')
    throw new AppError('internal', 'The service gave bytes of nothing.');
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const next = await events.next();
        if (next.done) return;
        if (next.value.type === 'piece') yield next.value.bytes;
      }
    } finally {
      await events.return?.();
    }
  }
  return { header: first.value, pieces: pieces() };
}

async function* readStretches(
  client: HostClient,
  file: AttachmentRequest,
  { start, end, signal }: { start: number; end: number; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  for (let at = start; at <= end && !signal.aborted; at += stretchBytes) {
    const range = { start: at, end: Math.min(end, at + stretchBytes - 1) };
    yield* (await openBytes(client, { ...file, range }, signal)).pieces;
  }
}
