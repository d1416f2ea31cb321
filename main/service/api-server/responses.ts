/** `/v1/responses`: the same answers in OpenAI's newer shape of items and named events. */
import { randomUUID } from 'node:crypto';
import { type AnswerPiece, collectChoices, streamChoices } from './answer-choices.ts';
import type { ApiEngine, ApiLogprob, ApiQuestion } from './api-engine.ts';
import { invalid } from './api-error.ts';
import { mostCallsOf } from './chat-completions.ts';
import { chatQuestion } from './chat-question.ts';
import { type ChatMessage, chatRequestSchema } from './chat-schema.ts';
import { respondWithEvents, type ServerEvent } from './event-stream.ts';
import { responseLogprobs } from './logprob-shapes.ts';
import type { ResponsesItem, ResponsesRequest } from './responses-schema.ts';
import type { ToolCall } from './tool-prompt.ts';

export async function answerResponses(
  engine: ApiEngine,
  request: ResponsesRequest,
  { owner, signal }: { owner: string; signal: AbortSignal },
): Promise<Response> {
  const hasTools = (request.tools?.length ?? 0) > 0 && request.tool_choice !== 'none';
  const mostCalls = mostCallsOf(request);
  const pieces = streamChoices(engine, responsesQuestion(request, owner), { hasTools, mostCalls, signal });
  const shape = responseShape(request);
  if (request.stream) {
    return respondWithEvents(events(pieces, shape), ({ message, code }) => [
      { event: 'error', data: { type: 'error', code, message, param: null, sequence_number: 0 } },
    ]);
  }
  const { model, promptTokens, newTokens, choices } = await collectChoices(pieces);
  const { text = '', calls = [], finish = 'stop', logprobs = [] } = choices[0] ?? {};
  const isText = text !== '' || calls.length === 0;
  const output = [...(isText ? [messageItem(text, 'completed', logprobs)] : []), ...calls.map(callItem)];
  return Response.json(
    shape({ model, output, usage: [promptTokens, newTokens], isCut: finish === 'length' }),
  );
}

/** Goes through the chat format, so that both mean the same. */
function responsesQuestion(request: ResponsesRequest, owner: string): ApiQuestion {
  const { input, instructions, tools, tool_choice: choice } = request;
  const items = typeof input === 'string' ? [userText(input)] : input.map(chatMessageOf);
  const chat = chatRequestSchema.parse({
    model: request.model,
    messages: [...(instructions ? [{ role: 'system', content: instructions }] : []), ...items],
    temperature: request.temperature,
    top_p: request.top_p,
    max_tokens: request.max_output_tokens,
    seed: request.seed,
    ...logprobFields(request),
    response_format: formatOf(request),
    tools: tools?.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, ...(description && { description }), ...(parameters && { parameters }) },
    })),
    tool_choice:
      typeof choice === 'object' && choice !== null
        ? { type: 'function', function: { name: choice.name } }
        : choice,
  });
  return chatQuestion(chat, owner);
}

/** @throws AppError `invalid_request` where only half of the wish is said */
function logprobFields({ include, top_logprobs: top }: ResponsesRequest): object {
  const isWanted = (include?.length ?? 0) > 0;
  if (top != null && !isWanted) {
    throw invalid('top_logprobs needs include: ["message.output_text.logprobs"] beside it.');
  }
  return isWanted ? { logprobs: true, top_logprobs: top ?? 0 } : {};
}

/** The same format in the chat shape. */
function formatOf({ text }: ResponsesRequest): object | null {
  const format = text?.format;
  if (format?.type !== 'json_schema') return format ?? null;
  return { type: 'json_schema', json_schema: { name: format.name, schema: format.schema } };
}

const userText = (content: string): ChatMessage => ({ role: 'user', content });

function chatMessageOf(item: ResponsesItem): ChatMessage {
  if (item.type === 'function_call') {
    const call = { name: item.name, arguments: item.arguments };
    return { role: 'assistant', tool_calls: [{ id: item.call_id, type: 'function', function: call }] };
  }
  if (item.type === 'function_call_output') {
    return { role: 'tool', tool_call_id: item.call_id, content: item.output };
  }
  const { role, content } = item;
  if (role !== 'user') {
    const text =
      typeof content === 'string'
        ? content
        : content.map((part) => ('text' in part ? part.text : '')).join('');
    return { role, content: text };
  }
  if (typeof content === 'string') return userText(content);
  return {
    role,
    content: content.map((part) => {
      if (part.type === 'input_image') {
        const picture = { url: part.image_url, detail: part.detail, max_dynamic_patch: undefined };
        return { type: 'image_url' as const, image_url: picture };
      }
      if (part.type === 'input_file') {
        return { type: 'file' as const, file: { filename: part.filename, file_data: part.file_data } };
      }
      return { type: 'text' as const, text: part.text };
    }),
  };
}

interface ResponseState {
  model: string;
  output: object[];
  /** Prompt and new tokens; null while the answer is written. */
  usage: [number, number] | null;
  /** It ended at the limit of tokens. */
  isCut?: boolean;
}

function responseShape(request: ResponsesRequest) {
  const fixed = {
    id: `resp_${randomUUID().replaceAll('-', '')}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    error: null,
    instructions: request.instructions ?? null,
    metadata: request.metadata ?? {},
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    top_logprobs: request.top_logprobs ?? 0,
    store: false,
    temperature: request.temperature ?? 1,
    top_p: request.top_p ?? 1,
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
  };
  return ({ model, output, usage, isCut = false }: ResponseState) => ({
    ...fixed,
    status: usage === null ? 'in_progress' : isCut ? 'incomplete' : 'completed',
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    model,
    output,
    usage: usage && {
      input_tokens: usage[0],
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: usage[1],
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage[0] + usage[1],
    },
  });
}

async function* events(
  pieces: AsyncIterable<AnswerPiece>,
  shape: ReturnType<typeof responseShape>,
): AsyncGenerator<ServerEvent, void, void> {
  const state: ResponseState = { model: '', output: [], usage: null };
  let sequence = 0;
  let promptTokens = 0;
  let open: ReturnType<typeof messageItem> | null = null;
  const named = (type: string, data: object): ServerEvent => ({
    event: type,
    data: { type, sequence_number: sequence++, ...data },
  });
  const place = () => ({ item_id: open?.id, output_index: state.output.length, content_index: 0 });
  function* closeText(): Generator<ServerEvent> {
    if (!open) return;
    const [part] = open.content;
    yield named('response.output_text.done', { ...place(), text: part.text, logprobs: part.logprobs });
    yield named('response.content_part.done', { ...place(), part });
    const item = { ...open, status: 'completed' };
    yield named('response.output_item.done', { output_index: state.output.length, item });
    state.output.push(item);
    open = null;
  }
  for await (const piece of pieces) {
    if (piece.type === 'prompt') {
      state.model = piece.model;
      promptTokens = piece.promptTokens;
      yield named('response.created', { response: shape(state) });
      yield named('response.in_progress', { response: shape(state) });
    } else if (piece.type === 'text') {
      if (!open) {
        open = messageItem('', 'in_progress');
        const item = { ...open, content: [] };
        yield named('response.output_item.added', { output_index: state.output.length, item });
        yield named('response.content_part.added', {
          ...place(),
          part: { ...open.content[0], logprobs: [] },
        });
      }
      const logprobs = responseLogprobs(piece.logprobs ?? []);
      open.content[0].text += piece.text;
      open.content[0].logprobs.push(...logprobs);
      yield named('response.output_text.delta', { ...place(), delta: piece.text, logprobs });
    } else if (piece.type === 'call') {
      yield* closeText();
      const item = callItem(piece.call);
      const at = { item_id: item.id, output_index: state.output.length };
      yield named('response.output_item.added', {
        output_index: at.output_index,
        item: { ...item, arguments: '', status: 'in_progress' },
      });
      yield named('response.function_call_arguments.delta', { ...at, delta: item.arguments });
      yield named('response.function_call_arguments.done', {
        ...at,
        name: item.name,
        arguments: item.arguments,
      });
      yield named('response.output_item.done', { output_index: at.output_index, item });
      state.output.push(item);
    } else {
      yield* closeText();
      state.usage = [piece.promptTokens ?? promptTokens, piece.newTokens];
      state.isCut = piece.finish === 'length';
      const type = state.isCut ? 'response.incomplete' : 'response.completed';
      yield named(type, { response: shape(state) });
    }
  }
}

function messageItem(text: string, status: string, logprobs: readonly ApiLogprob[] = []) {
  const content: [{ type: 'output_text'; text: string; annotations: []; logprobs: object[] }] = [
    { type: 'output_text', text, annotations: [], logprobs: responseLogprobs(logprobs) },
  ];
  return { id: `msg_${randomUUID()}`, type: 'message', role: 'assistant', status, content };
}

function callItem({ id, name, arguments: text }: ToolCall) {
  return { id: `fc_${id}`, type: 'function_call', status: 'completed', call_id: id, name, arguments: text };
}
