/** One question's answers as they come: prompt, text and calls of tools by choice, ends; the same for every wire format. */
import type { ApiEngine, ApiEvent, ApiQuestion } from './api-engine.ts';
import { createToolCallParser, type ToolCallParser } from './tool-call-parser.ts';
import type { ToolCall } from './tool-prompt.ts';

export type FinishReason = 'stop' | 'length' | 'tool_calls';

export type AnswerPiece =
  | { type: 'prompt'; model: string; promptTokens: number }
  | { type: 'text'; choice: number; text: string }
  | { type: 'call'; choice: number; place: number; call: ToolCall }
  | { type: 'end'; choice: number; finish: FinishReason; stopString: string | null; newTokens: number };

/** Whole answers, for requests that don't stream. */
export interface WholeAnswer {
  model: string;
  promptTokens: number;
  newTokens: number;
  choices: { text: string; calls: ToolCall[]; finish: FinishReason; stopString: string | null }[];
}

export async function* streamChoices(
  engine: ApiEngine,
  question: ApiQuestion,
  options: { hasTools: boolean; signal: AbortSignal },
): AsyncGenerator<AnswerPiece, void, void> {
  const open = new Map<number, { parser: ToolCallParser; calls: number }>();
  const stateOf = (choice: number) => {
    const state = open.get(choice) ?? { parser: createToolCallParser(options.hasTools), calls: 0 };
    open.set(choice, state);
    return state;
  };
  function* pass(choice: number, pieces: ReturnType<ToolCallParser['push']>): Generator<AnswerPiece> {
    const state = stateOf(choice);
    for (const piece of pieces) {
      if (piece.type === 'text') yield { type: 'text', choice, text: piece.text };
      else yield { type: 'call', choice, place: state.calls++, call: piece.call };
    }
  }
  for await (const event of engine.answer(question, options.signal)) {
    if (event.type === 'prompt') yield event;
    else if (event.type === 'text') yield* pass(event.choice, stateOf(event.choice).parser.push(event.text));
    else {
      yield* pass(event.choice, stateOf(event.choice).parser.flush());
      const { choice, stopString, newTokens } = event;
      yield { type: 'end', choice, finish: finishOf(event, stateOf(choice).calls), stopString, newTokens };
    }
  }
}

export async function collectChoices(pieces: AsyncIterable<AnswerPiece>): Promise<WholeAnswer> {
  const whole: WholeAnswer = { model: '', promptTokens: 0, newTokens: 0, choices: [] };
  const at = (choice: number) => {
    whole.choices[choice] ??= { text: '', calls: [], finish: 'stop', stopString: null };
    return whole.choices[choice];
  };
  for await (const piece of pieces) {
    if (piece.type === 'prompt') {
      whole.model = piece.model;
      whole.promptTokens = piece.promptTokens;
    } else if (piece.type === 'text') at(piece.choice).text += piece.text;
    else if (piece.type === 'call') at(piece.choice).calls.push(piece.call);
    else {
      whole.newTokens += piece.newTokens;
      Object.assign(at(piece.choice), { finish: piece.finish, stopString: piece.stopString });
    }
  }
  return whole;
}

function finishOf(event: Extract<ApiEvent, { type: 'end' }>, calls: number): FinishReason {
  if (event.stopReason === 'length') return 'length';
  return calls > 0 ? 'tool_calls' : 'stop';
}
