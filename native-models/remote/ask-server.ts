/** One question over the network: sent, its answers streamed as the engine's own events, the connection closed whichever way it ends. */

import { type GenerationClock, startClock } from '../inference/generation-clock.ts';
import type { GenerationEvent, GenerationRequest, StopReason } from '../inference/generation-types.ts';
import { createServedAnswer, type ServedAnswer } from './answer-text.ts';
import { writeChatRequest } from './chat-request.ts';
import { readEventStream } from './event-stream.ts';
import { sendRequest, whileBusy } from './send-request.ts';
import type { ServerAbilities } from './server-abilities.ts';
import type { ServerAddress } from './server-address.ts';
import { brokenOff, faultOfEvent, NoLogprobs, notUnderstood } from './server-faults.ts';
import type { ServerLimits } from './server-limits.ts';
import { type AnswerChunk, answerChunk } from './wire-schema.ts';

export interface ServedModelPlace {
  server: ServerAddress;
  model: string;
  abilities: ServerAbilities;
  limits: ServerLimits;
  /** Set to false where the server said that it gives none. */
  logprobs: boolean;
}

/** Which answers one connection brings: `count` of them, the first of which is `first` among those asked for. */
export interface WantedAnswers {
  first: number;
  count: number;
  /** Whether it is one of several, so that events name it. */
  areNumbered: boolean;
}

/**
 * @throws AppError for what the server can't do or refuses, and for a connection that fails; an abort is no error but
 *   ends each answer as it stands
 */
export async function* askServer(
  place: ServedModelPlace,
  request: GenerationRequest,
  { wanted, signal }: { wanted: WantedAnswers; signal: AbortSignal },
): AsyncGenerator<GenerationEvent, void, void> {
  const answers = Array.from({ length: wanted.count }, () => createServedAnswer(request.generation ?? {}));
  const clock = startClock();
  const named = (index: number) => (wanted.areNumbered ? { choice: wanted.first + index } : {});
  const counts: Counts = { promptTokens: 0, cachedTokens: 0, newTokens: 0, pieces: answers.map(() => 0) };
  try {
    yield { type: 'prefill', done: 0, total: 0 };
    const body = await send(place, request, { wanted, signal });
    for await (const chunk of readChunks(body, answers, { limits: place.limits, signal })) {
      if (chunk.prompt_token_ids) yield { type: 'prompt', tokenIds: chunk.prompt_token_ids };
      count(counts, chunk);
      for (const piece of chunk.choices ?? []) {
        const answer = answers[piece.index];
        if (!answer) throw notUnderstood();
        const { text, tokenIds, logprobs } = answer.push(piece);
        if (text === '' && tokenIds.length === 0 && !logprobs) continue;
        counts.pieces[piece.index]! += 1;
        if (isFirst(counts)) {
          clock.mark('prefillMs');
          clock.markFirstToken();
          yield { type: 'prefill', done: 1, total: 1 };
        }
        yield { type: 'text', ...named(piece.index), text, tokenIds, ...(logprobs && { logprobs }) };
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  for (const [index, answer] of answers.entries()) {
    const rest = answer.flush();
    if (rest !== '') yield { type: 'text', ...named(index), text: rest, tokenIds: [] };
    yield {
      type: 'end',
      ...named(index),
      ...endOf(answer, { counts, index, clock, isAborted: signal.aborted }),
    };
  }
}

interface Counts {
  promptTokens: number;
  cachedTokens: number;
  /** Of all answers of this connection. */
  newTokens: number;
  /** Events with text, for each answer. */
  pieces: number[];
}

function count(counts: Counts, { usage, prompt_token_ids: ids }: AnswerChunk): void {
  counts.promptTokens = usage?.prompt_tokens ?? ids?.length ?? counts.promptTokens;
  counts.cachedTokens = usage?.prompt_tokens_details?.cached_tokens ?? counts.cachedTokens;
  counts.newTokens = usage?.completion_tokens ?? counts.newTokens;
}

function isFirst({ pieces }: Counts): boolean {
  return pieces.reduce((sum, each) => sum + each, 0) === 1;
}

function endOf(
  answer: ServedAnswer,
  {
    counts,
    index,
    clock,
    isAborted,
  }: { counts: Counts; index: number; clock: GenerationClock; isAborted: boolean },
) {
  const { text, tokenIds } = answer;
  // What the server counted for all is one answer's own where it is the only one; else a piece is about a token.
  const counted = counts.pieces.length === 1 ? counts.newTokens : 0;
  const newTokens = tokenIds.length || counted || counts.pieces[index]!;
  clock.reusedPromptTokens = counts.cachedTokens;
  const stopReason: StopReason = answer.stopReason ?? (isAborted ? 'aborted' : 'eos');
  return {
    stopReason,
    text,
    tokenIds,
    timings: clock.timings(newTokens),
    counts: { promptTokens: counts.promptTokens, newTokens },
  };
}

async function send(
  place: ServedModelPlace,
  request: GenerationRequest,
  { wanted, signal }: { wanted: WantedAnswers; signal: AbortSignal },
): Promise<ReadableStream<Uint8Array>> {
  const { server, model, abilities, limits } = place;
  const { seed, topLogprobs } = request.generation ?? {};
  for (;;) {
    const { logprobs } = place;
    const body = await writeChatRequest(request, {
      model,
      abilities,
      answers: wanted.count,
      seed: seed === undefined ? undefined : seed + wanted.first,
      logprobs,
    });
    const attempt = () =>
      sendRequest({ server, path: '/chat/completions', body, limits, waitMs: limits.firstEventMs, signal });
    try {
      const response = await whileBusy(attempt, { limits, signal });
      if (!response.body) throw notUnderstood();
      return response.body;
    } catch (error) {
      // Weighing an answer against others is worth having, and not worth failing for; the likeliest others were asked for.
      if (!(error instanceof NoLogprobs) || topLogprobs !== 0 || !logprobs) throw error;
      place.logprobs = false;
    }
  }
}

/** Events in the right shape, until all answers have ended. */
async function* readChunks(
  body: ReadableStream<Uint8Array>,
  answers: readonly ServedAnswer[],
  options: { limits: ServerLimits; signal: AbortSignal },
): AsyncGenerator<AnswerChunk, void, void> {
  const events = readEventStream(body, options);
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) {
        if (!next.value && answers.some(({ stopReason }) => stopReason === null)) throw brokenOff();
        return;
      }
      yield readChunk(next.value);
    }
  } finally {
    await events.return(false);
  }
}

function readChunk(text: string): AnswerChunk {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw notUnderstood(cause);
  }
  const { data, error } = answerChunk.safeParse(json);
  if (!data) throw notUnderstood(error);
  if (data.error !== undefined && data.error !== null) throw faultOfEvent(data.error);
  const failed = data.choices?.find(({ finish_reason: reason }) => reason === 'error' || reason === 'abort');
  if (failed) throw faultOfEvent('');
  return data;
}
