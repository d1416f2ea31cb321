/** One question's answers as they come: prompt, text and calls of tools by choice, ends; the same for every wire format. */
import type { ApiEngine, ApiEvent, ApiLogprob, ApiQuestion } from './api-engine.ts';
import { createToolCallParser, type ToolCallParser } from './tool-call-parser.ts';
import type { ToolCall } from './tool-prompt.ts';

export type FinishReason = 'stop' | 'length' | 'tool_calls';

export type AnswerPiece =
  | { type: 'prompt'; model: string; promptTokens: number }
  /** Its log-probabilities, where asked for, tell of the tokens just chosen: a call's words come without text. */
  | { type: 'text'; choice: number; text: string; logprobs?: ApiLogprob[] }
  | { type: 'call'; choice: number; place: number; call: ToolCall }
  | {
      type: 'end';
      choice: number;
      finish: FinishReason;
      stopString: string | null;
      newTokens: number;
      /** Where it was not known at the beginning. */
      promptTokens?: number;
    };

export interface WholeChoice {
  text: string;
  calls: ToolCall[];
  finish: FinishReason;
  stopString: string | null;
  /** Empty where none were asked for. */
  logprobs: ApiLogprob[];
}

/** Whole answers, for requests that don't stream. */
export interface WholeAnswer {
  model: string;
  promptTokens: number;
  newTokens: number;
  choices: WholeChoice[];
}

export async function* streamChoices(
  engine: ApiEngine,
  question: ApiQuestion,
  options: { hasTools: boolean; mostCalls?: number; signal: AbortSignal },
): AsyncGenerator<AnswerPiece, void, void> {
  const open = new Map<number, { parser: ToolCallParser; calls: number }>();
  const stateOf = (choice: number) => {
    const state = open.get(choice) ?? { parser: createToolCallParser(options.hasTools), calls: 0 };
    open.set(choice, state);
    return state;
  };
  function* pass(
    choice: number,
    pieces: ReturnType<ToolCallParser['push']>,
    logprobs?: ApiLogprob[],
  ): Generator<AnswerPiece> {
    const state = stateOf(choice);
    let untold = logprobs;
    const text = (words: string): AnswerPiece => ({
      type: 'text',
      choice,
      text: words,
      ...(untold && { logprobs: untold }),
    });
    if (untold && pieces[0]?.type !== 'text') {
      yield text('');
      untold = undefined;
    }
    for (const piece of pieces) {
      if (piece.type === 'text') {
        yield text(piece.text);
        untold = undefined;
      } else if (state.calls < (options.mostCalls ?? Number.POSITIVE_INFINITY)) {
        yield { type: 'call', choice, place: state.calls++, call: piece.call };
      }
    }
  }
  for await (const event of engine.answer(question, options.signal)) {
    if (event.type === 'prompt') yield event;
    else if (event.type === 'text') {
      yield* pass(event.choice, stateOf(event.choice).parser.push(event.text), event.logprobs);
    } else {
      yield* pass(event.choice, stateOf(event.choice).parser.flush());
      const { choice, stopString, newTokens, promptTokens } = event;
      const finish = finishOf(event, stateOf(choice).calls);
      yield { type: 'end', choice, finish, stopString, newTokens, ...(promptTokens && { promptTokens }) };
    }
  }
}

export async function collectChoices(pieces: AsyncIterable<AnswerPiece>): Promise<WholeAnswer> {
  const whole: WholeAnswer = { model: '', promptTokens: 0, newTokens: 0, choices: [] };
  const at = (choice: number) => {
    whole.choices[choice] ??= { text: '', calls: [], finish: 'stop', stopString: null, logprobs: [] };
    return whole.choices[choice];
  };
  for await (const piece of pieces) {
    if (piece.type === 'prompt') {
      whole.model = piece.model;
      whole.promptTokens = piece.promptTokens;
    } else if (piece.type === 'text') {
      at(piece.choice).text += piece.text;
      at(piece.choice).logprobs.push(...(piece.logprobs ?? []));
    } else if (piece.type === 'call') at(piece.choice).calls.push(piece.call);
    else {
      whole.newTokens += piece.newTokens;
      whole.promptTokens = piece.promptTokens ?? whole.promptTokens;
      Object.assign(at(piece.choice), { finish: piece.finish, stopString: piece.stopString });
    }
  }
  return whole;
}

function finishOf(event: Extract<ApiEvent, { type: 'end' }>, calls: number): FinishReason {
  if (event.stopReason === 'length') return 'length';
  return calls > 0 ? 'tool_calls' : 'stop';
}
