/** `app://internvl/`: the page, its files and bytes come through the same routes that the headless host serves. */
import { Readable } from 'node:stream';
import { protocol } from 'electron';
import { answerRequest, appRoutes } from '../hosts/edge/answer-request.ts';
import type { EdgePowers, EdgeRequest, EdgeResponse, Route } from '../hosts/edge/edge-types.ts';
import { refuse } from '../hosts/edge/fault-response.ts';
import { appOrigin, appScheme } from './web-preferences.ts';

/** Before the app is ready, or the scheme has no origin of its own. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([appScheme]);
}

/** @param options.extraRoutes come first: the screenshot that is being cut */
export function serveScheme(options: {
  powers: EdgePowers;
  extraRoutes?: readonly Route[];
  onFault?: (error: unknown) => void;
}): void {
  const routes = [...(options.extraRoutes ?? []), ...appRoutes];
  protocol.handle(appScheme.scheme, async (request) => {
    const url = new URL(request.url);
    const { initiatorOrigin } = request as { initiatorOrigin?: string };
    if (`${url.protocol}//${url.host}` !== appOrigin || (initiatorOrigin ?? appOrigin) !== appOrigin)
      return toResponse(refuse(403, 'access_denied', 'Only the app’s own page may ask here.'));
    return toResponse(await answerRequest(readRequest(request, url), { ...options, routes }));
  });
}

function readRequest(request: GlobalRequest, url: URL): EdgeRequest {
  return {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    header: (name) => request.headers.get(name),
    body: request.body ?? Readable.from([]),
    signal: request.signal,
  };
}

function toResponse({ status, headers, body }: EdgeResponse): GlobalResponse {
  return new Response(typeof body === 'string' ? body : toStream(body), { status, headers });
}

/** Pulled by the reader, so a film is read no faster than it is played; leaving early lets the source go. */
function toStream(body: AsyncIterable<Uint8Array | string>): ReadableStream<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await pieces.next();
      if (next.done) controller.close();
      else controller.enqueue(typeof next.value === 'string' ? Buffer.from(next.value) : next.value);
    },
    async cancel() {
      await pieces.return?.();
    },
  });
}
