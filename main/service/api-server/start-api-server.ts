/** Starts the API server on loopback: guard first, then routes, one queue behind them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { anthropicFault } from './anthropic-messages.ts';
import type { ApiEngine } from './api-engine.ts';
import { type ApiFault, faultOf, refuse } from './api-error.ts';
import { judgeRequest } from './guard.ts';
import { createMetrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { createQueueLimit } from './queue-limit.ts';
import { readBody } from './read-body.ts';
import { requestOwner } from './request-owner.ts';
import { type Route, routes } from './routes.ts';

export interface ApiServerOptions {
  engine: ApiEngine;
  token: string;
  /** 0 takes a free one; default 23333, as LMDeploy's api_server. */
  port?: number;
  allowedOrigins?: readonly string[];
  version: string;
  /** Requests that may wait or run; default 16. */
  queueLength?: number;
  /** Told of faults that are the product's own; never given what was asked. */
  onFault?: (error: unknown) => void;
}

export interface ApiServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Slow senders are cut off: headers within 10 s, a whole request within two minutes. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 120_000;

/** @throws the system's error where the port is taken */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const listen = getRequestListener(composeApp(options).fetch, { overrideGlobalObjects: false });
  let port = 0;
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: 5000 },
    (request, response) => {
      const refusal = judgeRequest(request, {
        token: options.token,
        port,
        ...(options.allowedOrigins && { allowedOrigins: options.allowedOrigins }),
      });
      if (refusal) return sendRefusal(request, response, refusal.fault);
      allowOrigin(request, response);
      if (request.method === 'OPTIONS') return void response.writeHead(204).end();
      void listen(request, response);
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 23_333, '127.0.0.1', resolve);
  });
  port = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function composeApp(options: ApiServerOptions): Hono {
  const { engine } = options;
  const metrics = createMetrics();
  const limit = createQueueLimit(options.queueLength ?? 16);
  const counted: ApiEngine = { ...engine, answer: (question, signal) => countTokens(question, signal) };
  async function* countTokens(...asked: Parameters<ApiEngine['answer']>) {
    for await (const event of engine.answer(...asked)) {
      if (event.type === 'prompt') metrics.countTokens(event.promptTokens, 0);
      else if (event.type === 'end') metrics.countTokens(0, event.newTokens);
      yield event;
    }
  }
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    metrics.countRequest(
      routes.find(({ path }) => path === context.req.path)?.path ?? 'other',
      context.res.status,
    );
  });
  const serve = async (route: Route, context: Context): Promise<Response> => {
    const body: unknown = route.body ? await readBody(context, route.body) : null;
    const leave = route.generates ? limit.enter() : () => {};
    const { signal } = context.req.raw;
    try {
      const owner = requestOwner(options.token, context.req.raw.headers, body);
      const response = await route.handle(body, {
        engine: counted,
        metrics,
        running: limit.running,
        owner,
        signal,
      });
      return leaveAtEnd(response, leave);
    } catch (error) {
      leave();
      throw error;
    }
  };
  for (const route of routes) app.on(route.method, route.path, (context) => serve(route, context));
  app.get('/openapi.json', (context) => context.json(openApiDocument(options.version)));
  app.notFound(() => faultResponse('/', refuse(404, 'not_found', 'There is no such route.').fault));
  app.onError((error, context) => {
    const fault = faultOf(error);
    if (fault.status >= 500) options.onFault?.(error);
    return faultResponse(context.req.path, fault);
  });
  return app;
}

/** A streamed answer keeps its place until its last byte. */
function leaveAtEnd(response: Response, leave: () => void): Response {
  if (!response.body || response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    leave();
    return response;
  }
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      leave();
      controller.close();
    },
    async cancel(reason) {
      leave();
      await reader.cancel(reason);
    },
  });
  return new Response(body, response);
}

function faultBody(path: string, fault: ApiFault): object {
  if (path.startsWith('/v1/messages')) return anthropicFault(fault);
  const { message, type, code } = fault;
  return { error: { message, type, param: null, code } };
}

function faultResponse(path: string, fault: ApiFault): Response {
  return Response.json(faultBody(path, fault), { status: fault.status });
}

function sendRefusal(request: IncomingMessage, response: ServerResponse, fault: ApiFault): void {
  const body = JSON.stringify(faultBody(request.url ?? '', fault));
  response.writeHead(fault.status, { 'content-type': 'application/json', connection: 'close' }).end(body);
}

/** Only origins that the guard let pass arrive here. */
function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.origin === undefined) return;
  response.setHeader('access-control-allow-origin', request.headers.origin);
  response.setHeader('vary', 'Origin');
  response.setHeader('access-control-allow-headers', 'authorization, content-type, x-api-key');
  response.setHeader('access-control-allow-methods', 'GET, POST');
}
