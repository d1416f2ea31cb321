/**
 * A stand-in for the servers of LMDeploy, vLLM, SGLang and llama.cpp: their words for models, chunks and refusals. It
 * answers with `words`, or as a test says it should misbehave.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServedRequest {
  method: string;
  path: string;
  authorization: string | null;
  /** Of a POST. */
  body: Record<string, unknown>;
}

/** Writes the answer to a question; left out, the server answers with its words. */
export type Misbehaviour = (response: ServerResponse, request: ServedRequest) => Promise<void> | void;

export interface MockModelServer {
  origin: string;
  requests: ServedRequest[];
  /** Questions whose connection the other side closed before they were answered. */
  readonly cutOff: number;
  /** What the next and all later questions meet; null answers them. */
  misbehave(how: Misbehaviour | null): void;
  close(): Promise<void>;
}

export interface MockServed {
  ownedBy?: string;
  model?: string;
  contextLength?: number | null;
  version?: string;
  key?: string | null;
  words?: readonly string[];
  /** Between two words. */
  pauseMs?: number;
}

export async function startMockModelServer(served: MockServed = {}): Promise<MockModelServer> {
  const { key = null } = served;
  const requests: ServedRequest[] = [];
  let misbehaviour: Misbehaviour | null = null;
  let cutOff = 0;
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await read(request);
    const told: ServedRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization ?? null,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
    requests.push(told);
    if (key !== null && told.authorization !== `Bearer ${key}`) return refuse(response, 401, 'Unauthorized');
    if (told.path === '/version') return sendJson(response, { version: served.version ?? '0.11.0' });
    if (told.path === '/v1/models') return sendJson(response, describeModels(served));
    if (told.path !== '/v1/chat/completions') return refuse(response, 404, 'Not Found');
    response.on('close', () => {
      if (!response.writableFinished) cutOff += 1;
    });
    if (misbehaviour) return misbehaviour(response, told);
    await writeAnswers(response, told.body, served);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get cutOff() {
      return cutOff;
    },
    misbehave(how) {
      misbehaviour = how;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function describeModels({
  ownedBy = 'vllm',
  model = 'OpenGVLab/InternVL3-78B',
  contextLength = 16_384,
}: MockServed) {
  const length = contextLength === null ? {} : { max_model_len: contextLength };
  return { object: 'list', data: [{ id: model, object: 'model', created: 1, owned_by: ownedBy, ...length }] };
}

export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
}

export function sendEvent(response: ServerResponse, event: unknown): void {
  response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
}

/** A chunk with a stretch of one answer's text. */
export function textChunk(content: string, choice: object = {}): object {
  return {
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content }, finish_reason: null, ...choice }],
  };
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** In vLLM's shape. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  sendJson(response, { error: { message, type: 'BadRequestError', code: status } }, status);
}

async function writeAnswers(
  response: ServerResponse,
  body: Record<string, unknown>,
  { words = ['The ', 'cat ', 'sleeps.'], pauseMs = 0 }: MockServed,
): Promise<void> {
  const answers = typeof body.n === 'number' ? body.n : 1;
  beginStream(response);
  sendEvent(response, textChunk('', { delta: { role: 'assistant', content: '' } }));
  for (const [at, word] of words.entries()) {
    for (let index = 0; index < answers; index++) {
      const logprobs = body.logprobs
        ? { content: [{ token: word, logprob: -0.25, bytes: [...Buffer.from(word)], top_logprobs: [] }] }
        : null;
      const ids = body.return_token_ids ? { token_ids: [100 + at] } : {};
      sendEvent(response, textChunk(index === 0 ? word : word.toUpperCase(), { index, logprobs, ...ids }));
    }
    if (pauseMs > 0) await sleep(pauseMs);
    if (response.destroyed) return;
  }
  for (let index = 0; index < answers; index++) {
    sendEvent(response, { choices: [{ index, delta: {}, finish_reason: 'stop', stop_reason: null }] });
  }
  sendEvent(response, {
    choices: [],
    usage: {
      prompt_tokens: 21,
      completion_tokens: words.length * answers,
      prompt_tokens_details: { cached_tokens: 8 },
    },
  });
  sendEvent(response, '[DONE]');
  response.end();
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return text;
}
