/** What a pipeline answers: LMDeploy's Response, gathered from the engine's events or passed on as they come. */
import type { ChosenLogprob, GenerationEvent, GenerationTimings } from '../inference/generation-types.ts';

export type FinishReason = 'stop' | 'length' | 'aborted';

export interface Response {
  text: string;
  finishReason: FinishReason;
  inputTokenLen: number;
  generateTokenLen: number;
  /** Empty where a server gives text alone. */
  tokenIds: number[];
  /** Of each token, where the generation config asks for them. */
  logprobs: ChosenLogprob[] | null;
  /** Which of `n` answers. */
  index: number;
  /** V2PE's δ that pictures were placed with; null without pictures. */
  visualPositionStep: number | null;
  timings: GenerationTimings;
}

/** The first answer, and all of them where `n` asked for more. */
export interface ResponseOfPrompt extends Response {
  choices: Response[];
}

/** A stretch of text as it is written; the last of each answer comes with the whole response. */
export interface ResponsePiece {
  text: string;
  index: number;
  response: Response | null;
}

export async function* piecesOf(
  events: AsyncIterable<GenerationEvent>,
): AsyncGenerator<ResponsePiece, void, void> {
  let inputTokenLen = 0;
  const logprobs = new Map<number, ChosenLogprob[]>();
  for await (const event of events) {
    if (event.type === 'prompt') inputTokenLen = event.tokenIds.length;
    else if (event.type === 'text') {
      const { text, choice: index = 0 } = event;
      if (event.logprobs) logprobs.set(index, [...(logprobs.get(index) ?? []), ...event.logprobs]);
      if (text !== '') yield { text, index, response: null };
    } else if (event.type === 'end') {
      const { choice: index = 0, text, tokenIds, timings, stopReason } = event;
      const response: Response = {
        text,
        finishReason: stopReason === 'eos' || stopReason === 'stop-string' ? 'stop' : stopReason,
        inputTokenLen: event.counts?.promptTokens || inputTokenLen,
        generateTokenLen: event.counts?.newTokens ?? tokenIds.length,
        tokenIds,
        logprobs: logprobs.get(index) ?? null,
        index,
        visualPositionStep: event.visualPositionStep ?? null,
        timings,
      };
      yield { text: '', index, response };
    }
  }
}

export async function gatherResponse(pieces: AsyncIterable<ResponsePiece>): Promise<ResponseOfPrompt> {
  const choices: Response[] = [];
  for await (const { response } of pieces) if (response) choices[response.index] = response;
  return { ...choices[0]!, choices };
}
