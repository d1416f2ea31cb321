/** `/v1/messages`: the same answers in Anthropic's shape. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type AnswerPiece, collectChoices, type FinishReason, streamChoices } from './answer-choices.ts';
import type { ApiEngine, ApiMessage, ApiPart, ApiQuestion } from './api-engine.ts';
import type { ApiFault } from './api-error.ts';
import { nameFor, readBase64 } from './data-uri.ts';
import { respondWithEvents, type ServerEvent } from './event-stream.ts';
import { samplingOf } from './sampling-schema.ts';
import { toolCallText, toolResponseText, withTools } from './tool-prompt.ts';

const text = z.string().max(10_000_000);
/** Where a client would have its provider keep a prompt; here the engine keeps what it has read by itself. */
const cached = {
  cache_control: z
    .strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() })
    .nullish(),
};
const textBlock = z.strictObject({
  type: z.literal('text'),
  text,
  citations: z.tuple([]).nullish(),
  ...cached,
});
const base64Source = z.strictObject({
  type: z.literal('base64'),
  media_type: z.string().max(100),
  data: z.string().max(45_000_000),
});
const imageBlock = z.strictObject({ type: z.literal('image'), source: base64Source, ...cached });
const block = z.discriminatedUnion('type', [
  textBlock,
  imageBlock,
  z.strictObject({
    type: z.literal('document'),
    title: z.string().max(255).nullish(),
    citations: z.strictObject({ enabled: z.literal(false) }).nullish(),
    ...cached,
    source: z.discriminatedUnion('type', [
      base64Source,
      z.strictObject({ type: z.literal('text'), data: text, media_type: z.literal('text/plain').optional() }),
    ]),
  }),
  z.strictObject({
    type: z.literal('tool_use'),
    id: z.string().max(200),
    name: z.string().max(200),
    input: z.record(z.string(), z.unknown()),
    ...cached,
  }),
  z.strictObject({
    type: z.literal('tool_result'),
    tool_use_id: z.string().max(200),
    is_error: z.boolean().optional(),
    ...cached,
    content: z
      .union([text, z.array(z.discriminatedUnion('type', [textBlock, imageBlock])).max(64)])
      .optional(),
  }),
]);
type Block = z.infer<typeof block>;

export const anthropicRequestSchema = z.strictObject({
  model: z.string().max(200).default(''),
  max_tokens: z.int().min(1).max(1_000_000),
  system: z.union([text, z.array(textBlock).max(64)]).optional(),
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['user', 'assistant']),
        content: z.union([text, z.array(block).max(256)]),
      }),
    )
    .min(1)
    .max(2048),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  stop_sequences: z.array(z.string().min(1).max(256)).max(16).optional(),
  stream: z.boolean().optional(),
  metadata: z.strictObject({ user_id: z.string().max(256).nullish() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  thinking: z.strictObject({ type: z.literal('disabled') }).optional(),
  tools: z
    .array(
      z.strictObject({
        name: z.string().max(64),
        description: z.string().max(10_000).optional(),
        input_schema: z.record(z.string(), z.unknown()),
        type: z.literal('custom').nullish(),
        ...cached,
      }),
    )
    .max(128)
    .optional(),
  tool_choice: z
    .strictObject({
      type: z.enum(['auto', 'any', 'none', 'tool']),
      name: z.string().max(64).optional(),
      disable_parallel_tool_use: z.boolean().optional(),
    })
    .optional(),
});
export type AnthropicRequest = z.infer<typeof anthropicRequestSchema>;

export async function answerMessages(
  engine: ApiEngine,
  request: AnthropicRequest,
  { owner, signal }: { owner: string; signal: AbortSignal },
): Promise<Response> {
  const hasTools = (request.tools?.length ?? 0) > 0 && request.tool_choice?.type !== 'none';
  const mostCalls = request.tool_choice?.disable_parallel_tool_use ? 1 : Number.POSITIVE_INFINITY;
  const pieces = streamChoices(engine, anthropicQuestion(request, owner), { hasTools, mostCalls, signal });
  const id = `msg_${randomUUID().replaceAll('-', '')}`;
  if (request.stream) return respondWithEvents(events(pieces, id), anthropicFaultEvents);
  const { model, promptTokens, newTokens, choices } = await collectChoices(pieces);
  const { text: said = '', calls = [], finish = 'stop', stopString = null } = choices[0] ?? {};
  const content = [
    ...(said === '' && calls.length > 0 ? [] : [{ type: 'text', text: said }]),
    ...calls.map((call) => ({
      type: 'tool_use',
      id: call.id,
      name: call.name,
      input: JSON.parse(call.arguments) as unknown,
    })),
  ];
  return Response.json({
    id,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: stopReasonOf(finish, stopString),
    stop_sequence: stopString,
    usage: { input_tokens: promptTokens, output_tokens: newTokens },
  });
}

/** Also what `/v1/messages/count_tokens` counts. */
export function anthropicQuestion(request: AnthropicRequest, owner: string): ApiQuestion {
  const { system, tools = [], tool_choice: choice } = request;
  const systemText = typeof system === 'string' ? system : (system ?? []).map((part) => part.text).join('');
  const messages: ApiMessage[] = [
    ...(systemText === ''
      ? []
      : [{ role: 'system' as const, parts: [{ type: 'text' as const, text: systemText }] }]),
    ...request.messages.map(({ role, content }) => ({
      role,
      parts:
        typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content.flatMap(partsOf),
    })),
  ];
  const offered =
    choice?.type === 'none' ? [] : tools.filter((tool) => !choice?.name || tool.name === choice.name);
  const named = offered.map(({ name, description, input_schema }) => ({
    name,
    ...(description !== undefined && { description }),
    parameters: input_schema,
  }));
  const mustCall = choice?.type === 'tool' ? (choice.name ?? true) : choice?.type === 'any';
  return {
    owner,
    model: request.model === '' ? null : request.model,
    messages: withTools(messages, named, mustCall),
    sampling: samplingOf({ ...request, stop: request.stop_sequences }, request.max_tokens),
    choices: 1,
  };
}

function partsOf(given: Block): ApiPart[] {
  switch (given.type) {
    case 'text':
      return [{ type: 'text', text: given.text }];
    case 'image':
      return [fileOf(given.source, 'picture')];
    case 'document':
      if (given.source.type === 'text') return [{ type: 'text', text: given.source.data }];
      return [{ ...fileOf(given.source, 'document'), ...(given.title && { name: given.title }) }];
    case 'tool_use':
      return [
        { type: 'text', text: toolCallText({ name: given.name, arguments: JSON.stringify(given.input) }) },
      ];
    case 'tool_result': {
      const parts = typeof given.content === 'string' ? [] : (given.content ?? []);
      const said =
        typeof given.content === 'string'
          ? given.content
          : parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
      const pictures = parts.flatMap((part) =>
        part.type === 'image' ? [fileOf(part.source, 'picture')] : [],
      );
      return [
        ...pictures,
        { type: 'text', text: toolResponseText(given.is_error ? `Error: ${said}` : said) },
      ];
    }
  }
}

function fileOf(source: z.infer<typeof base64Source>, kind: string): Extract<ApiPart, { type: 'file' }> {
  const name = nameFor(source.media_type, kind);
  return { type: 'file', bytes: readBase64(source.data), name, maxTiles: null };
}

async function* events(
  pieces: AsyncIterable<AnswerPiece>,
  id: string,
): AsyncGenerator<ServerEvent, void, void> {
  const named = (event: string, data: object): ServerEvent => ({ event, data: { type: event, ...data } });
  let place = -1;
  let isTextOpen = false;
  const closeBlock = () => named('content_block_stop', { index: place });
  for await (const piece of pieces) {
    if (piece.type === 'prompt') {
      const usage = { input_tokens: piece.promptTokens, output_tokens: 0 };
      const { model } = piece;
      const stop = { stop_reason: null, stop_sequence: null };
      yield named('message_start', {
        message: { id, type: 'message', role: 'assistant', model, content: [], ...stop, usage },
      });
    } else if (piece.type === 'text') {
      if (!isTextOpen) {
        place += 1;
        yield named('content_block_start', { index: place, content_block: { type: 'text', text: '' } });
      }
      isTextOpen = true;
      yield named('content_block_delta', { index: place, delta: { type: 'text_delta', text: piece.text } });
    } else if (piece.type === 'call') {
      if (isTextOpen) yield closeBlock();
      isTextOpen = false;
      place += 1;
      const { call } = piece;
      const content_block = { type: 'tool_use', id: call.id, name: call.name, input: {} };
      yield named('content_block_start', { index: place, content_block });
      yield named('content_block_delta', {
        index: place,
        delta: { type: 'input_json_delta', partial_json: call.arguments },
      });
      yield closeBlock();
    } else {
      if (isTextOpen) yield closeBlock();
      yield named('message_delta', {
        delta: { stop_reason: stopReasonOf(piece.finish, piece.stopString), stop_sequence: piece.stopString },
        usage: { output_tokens: piece.newTokens },
      });
    }
  }
  yield named('message_stop', {});
}

function stopReasonOf(finish: FinishReason, stopString: string | null): string {
  if (finish === 'length') return 'max_tokens';
  if (finish === 'tool_calls') return 'tool_use';
  return stopString === null ? 'end_turn' : 'stop_sequence';
}

/** Anthropic's names of faults. */
export function anthropicFault({ status, message }: ApiFault): object {
  const types: Record<number, string> = {
    401: 'authentication_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    503: 'overloaded_error',
  };
  const type = types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type, message } };
}

function anthropicFaultEvents(fault: ApiFault): ServerEvent[] {
  return [{ event: 'error', data: anthropicFault(fault) }];
}
