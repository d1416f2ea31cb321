/** The HTTP edge of the headless host: loopback only, guard first, then the routes. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { answerRequest, httpRoutes } from './edge/answer-request.ts';
import type { EdgePowers, EdgeRequest, EdgeResponse } from './edge/edge-types.ts';
import { cookieName, judgeRequest } from './edge/guard.ts';
import { commonHeaders } from './edge/security-headers.ts';

export interface HttpEdge {
  /** The origin, without the token. */
  readonly url: string;
  readonly token: string;
  /** Takes nothing new and cuts what is open, which cancels it. */
  close(): Promise<void>;
}

const headersTimeoutMs = 10_000;
/** A film of 2 GB over loopback takes seconds; a sender that drips is cut off. */
const requestTimeoutMs = 10 * 60_000;
const maxConnections = 256;

/** @param options.port 0 takes a free one. @throws the system's error where the port is taken */
export async function startHttpEdge(options: {
  powers: EdgePowers;
  port?: number;
  /** Told of faults that are the product's own; never given what was asked. */
  onFault?: (error: unknown) => void;
}): Promise<HttpEdge> {
  const token = randomBytes(32).toString('base64url');
  let port = 0;
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: 5000 },
    (request, response) => {
      const verdict = judgeRequest(request, { token, port });
      if (verdict === 'login') return logIn(response, { port, token });
      if (verdict !== 'enter') return send(response, guarded(verdict));
      const asked = readRequest(request, response);
      void answerRequest(asked, { ...options, routes: httpRoutes }).then((answer) => send(response, answer));
    },
  );
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  port = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The token leaves the address bar and the history at once, and scripts never see the cookie. */
function logIn(response: ServerResponse, { port, token }: { port: number; token: string }): void {
  response.writeHead(303, {
    ...commonHeaders,
    'set-cookie': `${cookieName(port)}=${token}; HttpOnly; SameSite=Strict; Path=/`,
    'cache-control': 'no-store',
    location: '/',
  });
  response.end();
}

function readRequest(request: IncomingMessage, response: ServerResponse): EdgeRequest {
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(query.join('?')),
    header: (name) => request.headers[name]?.toString() ?? null,
    body: request,
    signal: abort.signal,
  };
}

function guarded(refusal: EdgeResponse): EdgeResponse {
  return { ...refusal, headers: { ...commonHeaders, ...refusal.headers } };
}

function send(response: ServerResponse, { status, headers, body }: EdgeResponse): void {
  // A body that nobody read ends the connection, or its rest would be taken for the next request.
  const isUnread = !response.req.readableEnded && response.req.method !== 'GET';
  response.writeHead(status, { ...headers, ...(isUnread && { connection: 'close' }) });
  if (typeof body === 'string') return void response.end(body);
  response.flushHeaders();
  // A reader who left, or a source that failed in the middle: the connection is cut, which tells that it is not whole.
  pipeline(Readable.from(body), response).catch(() => response.destroy());
}
