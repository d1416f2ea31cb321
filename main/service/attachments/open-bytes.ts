/** Bytes for pages: a stored file or a stretch of it, and pictures of it as every browser shows them. */
import { openThumbnail } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { cornersOf } from '../answering/picture-request.ts';
import type { BytesRequest, HostHandlers } from '../host-contract.ts';
import { plainPieces } from '../plain-pieces.ts';
import type { Store } from '../store/open-store.ts';
import type { Stores } from '../stores.ts';
import { thumbnailSide } from './add-attachment.ts';
import { type Passwords, sourceOf, withNamedFaults } from './attachment-source.ts';
import { createSizedCache } from './sized-cache.ts';

export type OpenBytes = HostHandlers['openBytes'];
type ViewRequest = Extract<BytesRequest, { route: 'view' }>;
type BytesEvent = ReturnType<OpenBytes> extends AsyncIterable<infer Event> ? Event : never;
type FileRequest = Extract<BytesRequest, { route: 'attachment' }>;

/** A page of thumbnails of a long document, or some large views. */
const mostViewBytes = 32 * 1024 * 1024;

export function bytesOpener(service: {
  stores: Stores;
  media: MediaClient;
  passwords: Passwords;
}): OpenBytes {
  const { stores, media, passwords } = service;
  const views = createSizedCache<Uint8Array>(mostViewBytes, (bytes) => bytes.byteLength);

  async function drawView(
    store: Store,
    request: ViewRequest,
    signal: AbortSignal,
  ): Promise<Uint8Array | null> {
    const { id, page, timeMs, box, maxSide } = request;
    const isWhole = timeMs === null && box === null && (page === null || page === 1);
    if (isWhole && maxSide <= thumbnailSide) {
      const kept = await store.readThumbnail(id);
      if (kept) return kept;
    }
    const key = JSON.stringify(request);
    const known = views.get(key);
    if (known) return known;
    const password = passwords.get(id);
    const part = {
      ...(page !== null && { page }),
      ...(timeMs !== null && { timeMs }),
      ...(box && { region: cornersOf(box) }),
      ...(password !== undefined && { password }),
    };
    const drawn = await withNamedFaults({ id, name: 'the file' }, async () =>
      openThumbnail(media, { source: await sourceOf(store, id), part, maxSide }, signal),
    );
    if (drawn && store.pathOfAttachment(id) !== null) views.put(key, drawn);
    return drawn;
  }

  return async function* openBytes(request, signal) {
    const store = stores.ofAttachment(request.id);
    if (request.route === 'attachment') return yield* readFile(store, request, signal);
    const bytes = await drawView(store, request, signal);
    if (!bytes) return;
    const sizeBytes = bytes.byteLength;
    yield { type: 'header', mediaType: 'image/webp', sizeBytes, start: 0, end: Math.max(0, sizeBytes - 1) };
    for (const piece of plainPieces(bytes)) {
      if (signal.aborted) return;
      yield { type: 'piece', bytes: piece };
    }
  };
}

async function* readFile(
  store: Store,
  { id, range }: FileRequest,
  signal: AbortSignal,
): AsyncGenerator<BytesEvent, void, void> {
  const { mediaType, sizeBytes } = store.getAttachment(id);
  const start = range?.start ?? 0;
  const end = Math.min(range?.end ?? sizeBytes - 1, sizeBytes - 1);
  if (start > end && sizeBytes > 0) throw new AppError('invalid_request', 'The file has no bytes there.');
  yield { type: 'header', mediaType, sizeBytes, start, end: Math.max(start, end) };
  if (sizeBytes === 0) return;
  for await (const chunk of await store.streamAttachment(id, { first: start, last: end })) {
    for (const bytes of plainPieces(chunk)) {
      if (signal.aborted) return;
      yield { type: 'piece', bytes };
    }
  }
}
