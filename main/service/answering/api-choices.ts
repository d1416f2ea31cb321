/** What a request to the API has been told of each of its choices, so that another device can go on where one was lost. */
import type { AnswerRequest } from '../../../native-models/process/engine-client.ts';
import type { WireMessage } from '../../../native-models/process/engine-contract.ts';
import type { ApiEvent, ApiQuestion } from '../api-server/api-engine.ts';

/** A request, and which choice its answer is of; null where it tells of all of them by itself. */
export interface ChoiceRequest {
  choice: number | null;
  request: AnswerRequest;
  /** Tokens that were told before this request. */
  tokensBefore: number;
}

export interface ToldChoices {
  /** Null for an event that says nothing new: what comes before the text is told once. */
  note(event: ApiEvent, tokens: number): ApiEvent | null;
  /**
   * What is still to be asked: everything at first, later each choice that has not ended, from where it was left. Null
   * where that can't be gone on with: a form is held from its first character.
   */
  requests(messages: WireMessage[]): ChoiceRequest[] | null;
}

export function toldChoices({ sampling, choices, owner }: ApiQuestion): ToldChoices {
  const told = Array.from({ length: choices }, () => ({ text: '', tokens: 0, hasEnded: false }));
  let isPromptTold = false;

  function goOn(messages: WireMessage[], choice: number): ChoiceRequest {
    const { text, tokens } = told[choice]!;
    const said: WireMessage = { role: 'assistant', parts: [{ type: 'text', text }] };
    const left =
      sampling.maxNewTokens === undefined
        ? {}
        : { maxNewTokens: Math.max(1, sampling.maxNewTokens - tokens) };
    const generation = { ...sampling, ...left, seed: (sampling.seed ?? 0) + choice };
    const goesOn = text === '' ? { messages } : { messages: [...messages, said], continueLastAnswer: true };
    return { choice, request: { ...goesOn, generation, client: owner }, tokensBefore: tokens };
  }

  return {
    note(event, tokens) {
      if (event.type === 'prompt') {
        if (isPromptTold) return null;
        isPromptTold = true;
        return event;
      }
      const choice = told[event.choice]!;
      if (event.type === 'end') choice.hasEnded = true;
      else {
        choice.text += event.text;
        choice.tokens += tokens;
      }
      return event;
    },
    requests(messages) {
      if (told.every(({ tokens, hasEnded }) => tokens === 0 && !hasEnded)) {
        const request = { messages, generation: { ...sampling, n: choices }, client: owner };
        return [{ choice: null, request, tokensBefore: 0 }];
      }
      const open = [...told.keys()].filter((choice) => !told[choice]!.hasEnded);
      if (sampling.answerFormat && open.some((choice) => told[choice]!.tokens > 0)) return null;
      return open.map((choice) => goOn(messages, choice));
    },
  };
}
