/** `/v1/completions`: OpenAI's older shape; the prompt is asked as one user's turn, since these models know only chat. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type AnswerPiece, collectChoices, streamChoices } from './answer-choices.ts';
import type { ApiEngine, ApiQuestion } from './api-engine.ts';
import { invalid } from './api-error.ts';
import { usageOf } from './chat-completions.ts';
import { streamOptions } from './chat-schema.ts';
import { respondWithEvents, type ServerEvent } from './event-stream.ts';
import { completionLogprobs } from './logprob-shapes.ts';
import { neutralFields, quietFields } from './quiet-fields.ts';
import { samplingFields, samplingOf } from './sampling-schema.ts';

export const completionRequestSchema = z.strictObject({
  model: z.string().max(200).default(''),
  prompt: z.string().max(10_000_000),
  ...samplingFields,
  max_tokens: z.int().min(1).max(1_000_000).nullish(),
  n: z.int().min(1).max(8).nullish(),
  /** How many of the likeliest tokens are told beside each chosen one. */
  logprobs: z.int().min(0).max(20).nullish(),
  echo: z.literal(false).nullish(),
  stream: z.boolean().nullish(),
  stream_options: streamOptions,
  ...quietFields,
  ...neutralFields,
  /** Of several candidates the server would keep the best: only as many as are wanted are written. */
  best_of: z.int().min(1).max(8).nullish(),
  suffix: z.null().optional(),
});

export async function answerCompletion(
  engine: ApiEngine,
  request: z.infer<typeof completionRequestSchema>,
  { owner, signal }: { owner: string; signal: AbortSignal },
): Promise<Response> {
  if (request.best_of != null && request.best_of !== (request.n ?? 1)) {
    throw invalid('best_of is not known here: it may only equal n.');
  }
  const question: ApiQuestion = {
    owner,
    model: request.model === '' ? null : request.model,
    messages: [{ role: 'user', parts: [{ type: 'text', text: request.prompt }] }],
    sampling: {
      ...samplingOf(request, request.max_tokens ?? 16),
      ...(request.logprobs != null && { topLogprobs: request.logprobs }),
    },
    choices: request.n ?? 1,
  };
  const pieces = streamChoices(engine, question, { hasTools: false, signal });
  const head = {
    id: `cmpl-${randomUUID()}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
  };
  if (request.stream) {
    const events = chunks(pieces, head, request.stream_options?.include_usage === true);
    return respondWithEvents(events, ({ message, type, code }) => [
      { data: { error: { message, type, param: null, code } } },
    ]);
  }
  const { model, promptTokens, newTokens, choices } = await collectChoices(pieces);
  return Response.json({
    ...head,
    model,
    choices: choices.map(({ text, finish, logprobs }, index) => ({
      index,
      text,
      logprobs: request.logprobs != null ? completionLogprobs(logprobs, 0) : null,
      finish_reason: finish,
    })),
    usage: usageOf(promptTokens, newTokens),
  });
}

async function* chunks(
  pieces: AsyncIterable<AnswerPiece>,
  head: object,
  withUsage: boolean,
): AsyncGenerator<ServerEvent, void, void> {
  let model = '';
  let [promptTokens, newTokens] = [0, 0];
  const written = new Map<number, number>();
  const choice = (
    index: number,
    text: string,
    logprobs: object | null,
    finish: string | null,
  ): ServerEvent => {
    written.set(index, (written.get(index) ?? 0) + text.length);
    return { data: { ...head, model, choices: [{ index, text, logprobs, finish_reason: finish }] } };
  };
  for await (const piece of pieces) {
    if (piece.type === 'prompt') {
      model = piece.model;
      promptTokens = piece.promptTokens;
    } else if (piece.type === 'text') {
      const logprobs = completionLogprobs(piece.logprobs, written.get(piece.choice) ?? 0);
      yield choice(piece.choice, piece.text, logprobs, null);
    } else if (piece.type === 'end') {
      newTokens += piece.newTokens;
      promptTokens = piece.promptTokens ?? promptTokens;
      yield choice(piece.choice, '', null, piece.finish);
    }
  }
  if (withUsage) yield { data: { ...head, model, choices: [], usage: usageOf(promptTokens, newTokens) } };
  yield { data: '[DONE]' };
}
