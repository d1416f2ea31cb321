/** Every route of the server in one table: path, body, handler; documents and tests are generated from it. */
import { z } from 'zod';
import { answerMessages, anthropicQuestion, anthropicRequestSchema } from './anthropic-messages.ts';
import type { ApiEngine, ApiMessage } from './api-engine.ts';
import { answerChat } from './chat-completions.ts';
import { chatRequestSchema } from './chat-schema.ts';
import { answerCompletion, completionRequestSchema } from './completions.ts';
import { answerEmbeddings, embeddingsRequestSchema } from './embeddings.ts';
import type { Metrics } from './metrics.ts';
import { answerResponses } from './responses.ts';
import { responsesRequestSchema } from './responses-schema.ts';

export interface RouteContext {
  engine: ApiEngine;
  metrics: Metrics;
  running: number;
  owner: string;
  signal: AbortSignal;
}

export interface Route<S extends z.ZodType = z.ZodType> {
  method: 'GET' | 'POST';
  path: string;
  summary: string;
  /** Null for GET. */
  body: S | null;
  /** Whether it takes a place in the queue. */
  generates: boolean;
  handle(body: z.output<S>, context: RouteContext): Promise<Response>;
}

function post<S extends z.ZodType>(route: Omit<Route<S>, 'method'> & { body: S }): Route {
  return { ...route, method: 'POST' } as unknown as Route;
}

function get(path: string, summary: string, handle: (context: RouteContext) => Promise<Response>): Route {
  return {
    method: 'GET',
    path,
    summary,
    body: null,
    generates: false,
    handle: (_, context) => handle(context),
  };
}

export const routes: readonly Route[] = [
  get('/health', 'Whether the server can answer.', async ({ engine }) =>
    Response.json({ status: engine.isReady() ? 'ok' : 'loading' }, { status: engine.isReady() ? 200 : 503 }),
  ),
  get('/metrics', 'Counters in Prometheus text format.', async ({ metrics, running }) => {
    return new Response(metrics.text(running), { headers: { 'content-type': 'text/plain; version=0.0.4' } });
  }),
  get('/v1/models', 'Models on this machine.', async ({ engine }) => {
    const models = await engine.listModels();
    return Response.json({
      object: 'list',
      data: models.map(({ id, createdAtMs, contextLength }) => ({
        id,
        object: 'model',
        created: Math.floor(createdAtMs / 1000),
        owned_by: 'local',
        max_model_len: contextLength,
      })),
    });
  }),
  post({
    path: '/v1/chat/completions',
    summary: 'Answers a conversation with text, pictures, documents and films (OpenAI).',
    body: chatRequestSchema,
    generates: true,
    handle: (body, { engine, ...context }) => answerChat(engine, body, context),
  }),
  post({
    path: '/v1/completions',
    summary: 'Answers one prompt (OpenAI, older shape).',
    body: completionRequestSchema,
    generates: true,
    handle: (body, { engine, ...context }) => answerCompletion(engine, body, context),
  }),
  post({
    path: '/v1/responses',
    summary: 'Answers items (OpenAI Responses); nothing is kept.',
    body: responsesRequestSchema,
    generates: true,
    handle: (body, { engine, ...context }) => answerResponses(engine, body, context),
  }),
  post({
    path: '/v1/messages',
    summary: 'Answers a conversation (Anthropic Messages).',
    body: anthropicRequestSchema,
    generates: true,
    handle: (body, { engine, ...context }) => answerMessages(engine, body, context),
  }),
  post({
    path: '/v1/messages/count_tokens',
    summary: 'Counts the text tokens of a conversation; pictures are not counted.',
    body: anthropicRequestSchema.omit({ max_tokens: true }),
    generates: false,
    handle: async (body, { engine, owner }) => {
      const { messages } = anthropicQuestion({ ...body, max_tokens: 1 }, owner);
      return Response.json({ input_tokens: (await engine.tokenize(textOf(messages))).length });
    },
  }),
  post({
    path: '/v1/embeddings',
    summary:
      'Vectors of texts and pictures (OpenAI): the mean of the tokens that the language model would read. It finds copies of a picture and texts of like words; no training made it a search by meaning.',
    body: embeddingsRequestSchema,
    generates: true,
    handle: (body, { engine, ...context }) => answerEmbeddings(engine, body, context),
  }),
  post({
    path: '/tokenize',
    summary: 'Ids of a text.',
    body: z.strictObject({ prompt: z.string().max(10_000_000) }),
    generates: false,
    handle: async ({ prompt }, { engine }) => {
      const tokens = await engine.tokenize(prompt);
      return Response.json({ tokens, count: tokens.length });
    },
  }),
];

function textOf(messages: readonly ApiMessage[]): string {
  return messages
    .flatMap((message) => message.parts.map((part) => (part.type === 'text' ? part.text : '')))
    .join('\n');
}
