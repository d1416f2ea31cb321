/** Speaks the API server's engine border and says what a test has written down. */
import type {
  ApiEngine,
  ApiEvent,
  ApiLogprob,
  ApiQuestion,
} from '../../main/service/api-server/api-engine.ts';
import { AppError } from '../../preload/contract/errors.ts';

export interface ScriptedApiEngine extends ApiEngine {
  /** Questions as they arrived. */
  questions: ApiQuestion[];
  /** Pieces of the next answers; default: three words. */
  script: string[];
  pauseMs: number;
  fault: AppError | null;
  /** Answers that were left before their end. */
  cancelled: number;
}

export function scriptedApiEngine(): ScriptedApiEngine {
  const engine: ScriptedApiEngine = {
    questions: [],
    script: ['Hello', ' from', ' here'],
    pauseMs: 0,
    fault: null,
    cancelled: 0,
    isReady: () => true,
    listModels: async () => [{ id: 'demo', contextLength: 4096, createdAtMs: 1_700_000_000_000 }],
    async embed({ inputs }) {
      const vectors = inputs.map((part) => Float32Array.of(part.type === 'text' ? 0.6 : -0.6, 0.8));
      return { model: 'demo', vectors, promptTokens: inputs.length };
    },
    tokenize: async (text) => [...text].map((_, at) => at),
    async *answer(question, signal): AsyncGenerator<ApiEvent, void, void> {
      engine.questions.push(question);
      if (question.model !== null && question.model !== 'demo') {
        throw new AppError('not_found', 'There is no model of this name.');
      }
      if (engine.fault) throw engine.fault;
      let isWhole = false;
      try {
        yield { type: 'prompt', model: 'demo', promptTokens: 12 };
        for (let choice = 0; choice < question.choices; choice++) {
          for (const text of engine.script) {
            if (engine.pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, engine.pauseMs));
            if (signal.aborted) return;
            const { topLogprobs } = question.sampling;
            const logprobs = topLogprobs === undefined ? {} : { logprobs: [likelihood(text, topLogprobs)] };
            yield { type: 'text', choice, text, ...logprobs };
          }
          const isShort = (question.sampling.maxNewTokens ?? 100) <= engine.script.length;
          const stopReason = isShort ? 'length' : 'eos';
          yield { type: 'end', choice, stopReason, stopString: null, newTokens: engine.script.length };
        }
        isWhole = true;
      } finally {
        if (!isWhole) engine.cancelled += 1;
      }
    },
  };
  return engine;
}

/** One token for a whole piece, and others that are the less likely the later they come. */
function likelihood(text: string, count: number): ApiLogprob {
  const token = (words: string, id: number) => ({
    id,
    logprob: -(id + 1) / 4,
    bytes: Array.from(new TextEncoder().encode(words)),
  });
  return {
    ...token(text, 0),
    top: Array.from({ length: count }, (_, id) => token(id === 0 ? text : `x${id}`, id)),
  };
}
