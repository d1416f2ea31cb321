/** From OpenAI's messages to a question of ours. */
import type { z } from 'zod';
import type { ApiMessage, ApiPart, ApiQuestion } from './api-engine.ts';
import { invalid } from './api-error.ts';
import type { ChatMessage, ChatRequest, imagePartSchema } from './chat-schema.ts';
import { nameFor, readDataUri } from './data-uri.ts';
import { samplingOf } from './sampling-schema.ts';
import { type Tool, toolCallText, toolResponseText, withTools } from './tool-prompt.ts';

/** Tiles by `detail`, as LMDeploy takes them (InternLM/lmdeploy: lmdeploy/vl/model/internvl.py). */
const tilesByDetail = { low: 6, medium: 12, high: 24 } as const;

/** @throws AppError `invalid_request` for what this server can't do, naming it */
export function chatQuestion(request: ChatRequest, owner: string): ApiQuestion {
  const tools = toolsOf(request);
  return {
    owner,
    model: request.model === '' ? null : request.model,
    messages: withTools(joinToolTurns(request.messages, maxTilesOf(request)), tools, mustCallOf(request)),
    sampling: {
      ...samplingOf(request, request.max_completion_tokens ?? request.max_tokens),
      ...formatOf(request),
      ...logprobsOf(request),
    },
    choices: request.n ?? 1,
  };
}

export function toolsOf({ tools, tool_choice: choice }: ChatRequest): Tool[] {
  if (choice === 'none') return [];
  const all = (tools ?? []).map((tool) => tool.function);
  if (typeof choice !== 'object' || choice === null) return all;
  const chosen = all.filter((tool) => tool.name === choice.function.name);
  if (chosen.length === 0) throw invalid('tool_choice names a function that tools does not hold.');
  return chosen;
}

function mustCallOf({ tool_choice: choice }: ChatRequest): string | boolean {
  return typeof choice === 'object' && choice !== null ? choice.function.name : choice === 'required';
}

/** `top_logprobs` without `logprobs` is a mistake, as it is with OpenAI. */
function logprobsOf({ logprobs, top_logprobs: top }: ChatRequest): { topLogprobs?: number } {
  if (top != null && !logprobs) throw invalid('top_logprobs needs logprobs: true beside it.');
  return logprobs ? { topLogprobs: top ?? 0 } : {};
}

function formatOf({ response_format: format }: ChatRequest): Pick<ApiQuestion['sampling'], 'answerFormat'> {
  switch (format?.type) {
    case 'json_object':
      return { answerFormat: { type: 'json' } };
    case 'json_schema':
      return { answerFormat: { type: 'json-schema', schema: format.json_schema.schema } };
    case 'regex_schema':
      return { answerFormat: { type: 'regex', pattern: format.regex_schema } };
    default:
      return {};
  }
}

function maxTilesOf(request: ChatRequest): number | null {
  return request.max_dynamic_patch ?? request.mm_processor_kwargs?.max_dynamic_patch ?? null;
}

/** The template gives answers of tools the user's turn, several in a row one turn. */
function joinToolTurns(messages: readonly ChatMessage[], maxTiles: number | null): ApiMessage[] {
  const out: ApiMessage[] = [];
  for (const [at, message] of messages.entries()) {
    const next = plainMessage(message, maxTiles);
    const isSameTurn = message.role === 'tool' && messages[at - 1]?.role === 'tool';
    if (isSameTurn) out.at(-1)!.parts.push({ type: 'text', text: '\n' }, ...next.parts);
    else if (next.role === 'system' && out[0]?.role === 'system') {
      out[0].parts.push({ type: 'text', text: '\n\n' }, ...next.parts);
    } else if (next.role === 'system' && out.length > 0) out.unshift(next);
    else out.push(next);
  }
  return out;
}

function plainMessage(message: ChatMessage, maxTiles: number | null): ApiMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', parts: textParts(message.content) };
    case 'tool':
      return { role: 'user', parts: [{ type: 'text', text: toolResponseText(joined(message.content)) }] };
    case 'assistant': {
      const calls = (message.tool_calls ?? []).map((call) => toolCallText(call.function));
      const text = [joined(message.content ?? ''), ...calls].filter((part) => part !== '').join('\n');
      return { role: 'assistant', parts: [{ type: 'text', text }] };
    }
    case 'user':
      return { role: 'user', parts: userParts(message.content, maxTiles) };
  }
}

type UserContent = Extract<ChatMessage, { role: 'user' }>['content'];

function userParts(content: UserContent, maxTiles: number | null): ApiPart[] {
  if (typeof content === 'string') return textParts(content);
  return content.map((part): ApiPart => {
    if (part.type === 'text') return part;
    if (part.type === 'file') {
      const { bytes, mediaType } = readDataUri(part.file.file_data);
      return { type: 'file', bytes, name: part.file.filename ?? nameFor(mediaType, 'file'), maxTiles };
    }
    if (part.type === 'video_url') {
      const { bytes, mediaType } = readDataUri(part.video_url.url);
      return { type: 'file', bytes, name: nameFor(mediaType, 'film'), maxTiles: null };
    }
    return picturePart(part, maxTiles);
  });
}

/** @param maxTiles the request's own limit, which stands before `detail` */
export function picturePart(
  { image_url }: z.output<typeof imagePartSchema>,
  maxTiles: number | null,
): ApiPart {
  const { url, detail, max_dynamic_patch: own } = image_url;
  const { bytes, mediaType } = readDataUri(url);
  const byDetail = detail == null || detail === 'auto' ? null : tilesByDetail[detail];
  return { type: 'file', bytes, name: nameFor(mediaType, 'picture'), maxTiles: own ?? maxTiles ?? byDetail };
}

function textParts(content: string | { type: 'text'; text: string }[]): ApiPart[] {
  return [{ type: 'text', text: joined(content) }];
}

function joined(content: string | { type: 'text'; text: string }[]): string {
  return typeof content === 'string' ? content : content.map((part) => part.text).join('');
}
