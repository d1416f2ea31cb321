/** `/v1/chat/completions`: the answer in OpenAI's shape, whole or streamed. */
import { randomUUID } from 'node:crypto';
import { type AnswerPiece, collectChoices, streamChoices } from './answer-choices.ts';
import type { ApiEngine } from './api-engine.ts';
import { chatQuestion, toolsOf } from './chat-question.ts';
import type { ChatRequest } from './chat-schema.ts';
import { respondWithEvents, type ServerEvent } from './event-stream.ts';
import { chatLogprobs } from './logprob-shapes.ts';
import type { ToolCall } from './tool-prompt.ts';

export async function answerChat(
  engine: ApiEngine,
  request: ChatRequest,
  { owner, signal }: { owner: string; signal: AbortSignal },
): Promise<Response> {
  const question = chatQuestion(request, owner);
  const pieces = streamChoices(engine, question, {
    hasTools: toolsOf(request).length > 0,
    mostCalls: mostCallsOf(request),
    signal,
  });
  const head = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000) };
  if (request.stream) {
    const events = chunks(pieces, head, request.stream_options?.include_usage === true);
    return respondWithEvents(events, ({ message, type, code }) => [
      { data: { error: { message, type, param: null, code } } },
    ]);
  }
  const { model, promptTokens, newTokens, choices } = await collectChoices(pieces);
  return Response.json({
    ...head,
    object: 'chat.completion',
    model,
    choices: choices.map(({ text, calls, finish, logprobs }, index) => ({
      index,
      message: {
        role: 'assistant',
        content: calls.length > 0 && text === '' ? null : text,
        refusal: null,
        ...(calls.length > 0 && { tool_calls: calls.map(wireCall) }),
      },
      logprobs: request.logprobs ? chatLogprobs(logprobs) : null,
      finish_reason: finish,
    })),
    usage: usageOf(promptTokens, newTokens),
  });
}

/** `parallel_tool_calls: false` keeps the first call of an answer. */
export function mostCallsOf(request: { parallel_tool_calls?: boolean | null | undefined }): number {
  return request.parallel_tool_calls === false ? 1 : Number.POSITIVE_INFINITY;
}

async function* chunks(
  pieces: AsyncIterable<AnswerPiece>,
  head: { id: string; created: number },
  withUsage: boolean,
): AsyncGenerator<ServerEvent, void, void> {
  let model = '';
  let [promptTokens, newTokens] = [0, 0];
  const begun = new Set<number>();
  const chunk = (choices: object[], usage: object | null = null): ServerEvent => ({
    data: { ...head, object: 'chat.completion.chunk', model, choices, ...(withUsage && { usage }) },
  });
  const delta = (index: number, content: object, ended: { finish?: string; logprobs?: object | null } = {}) =>
    chunk([{ index, delta: content, logprobs: ended.logprobs ?? null, finish_reason: ended.finish ?? null }]);
  for await (const piece of pieces) {
    if (piece.type === 'prompt') {
      model = piece.model;
      promptTokens = piece.promptTokens;
      continue;
    }
    if (!begun.has(piece.choice)) yield delta(piece.choice, { role: 'assistant', content: '' });
    begun.add(piece.choice);
    if (piece.type === 'text') {
      const logprobs = chatLogprobs(piece.logprobs);
      yield delta(piece.choice, { content: piece.text }, { logprobs });
    } else if (piece.type === 'call') {
      yield delta(piece.choice, { tool_calls: [{ index: piece.place, ...wireCall(piece.call) }] });
    } else {
      newTokens += piece.newTokens;
      promptTokens = piece.promptTokens ?? promptTokens;
      yield delta(piece.choice, {}, { finish: piece.finish });
    }
  }
  if (withUsage) yield chunk([], usageOf(promptTokens, newTokens));
  yield { data: '[DONE]' };
}

function wireCall({ id, name, arguments: text }: ToolCall) {
  return { id, type: 'function', function: { name, arguments: text } };
}

export function usageOf(promptTokens: number, newTokens: number) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: newTokens,
    total_tokens: promptTokens + newTokens,
  };
}
