/** What the API server needs of the app: models, answers, token counts. The app answers from its one queue. */
import type {
  AnswerEnd,
  AnswerEvent,
  GenerationOptions,
} from '../../../native-models/process/engine-client.ts';

export interface ApiModel {
  id: string;
  contextLength: number;
  createdAtMs: number;
}

/** A stretch of text, or a file of any kind the app reads. */
export type ApiPart =
  | { type: 'text'; text: string }
  | {
      type: 'file';
      bytes: Uint8Array;
      name: string;
      /** Most tiles of a picture; null takes the model's own limit. */
      maxTiles: number | null;
    };

export interface ApiMessage {
  role: 'system' | 'user' | 'assistant';
  parts: ApiPart[];
}

/** How tokens are chosen; what is left out takes the engine's default. */
export type ApiSampling = Omit<GenerationOptions, 'n' | 'greedyFirst'>;

export interface ApiQuestion {
  /** Whose question it is: turns in the queue are shared fairly between owners. */
  owner: string;
  /** A model's id; null takes the loaded one. */
  model: string | null;
  messages: ApiMessage[];
  sampling: ApiSampling;
  /** Answers wanted; they share the prompt's cache. */
  choices: number;
}

/** A chosen token's log-probability beside those of the likeliest. */
export type ApiLogprob = NonNullable<Extract<AnswerEvent, { type: 'text' }>['logprobs']>[number];

/** What happens while a question is answered. `choice` counts from 0. */
export type ApiEvent =
  | { type: 'prompt'; model: string; promptTokens: number }
  | { type: 'text'; choice: number; text: string; logprobs?: ApiLogprob[] }
  | {
      type: 'end';
      choice: number;
      stopReason: AnswerEnd['stopReason'];
      stopString: string | null;
      newTokens: number;
      /** Where the model is on a server, which tells at the end; else the first event's. */
      promptTokens?: number;
    };

/** Things to be embedded, each by itself: a text, or a picture. */
export interface ApiEmbeddingQuestion {
  owner: string;
  model: string | null;
  inputs: ApiPart[];
}

export interface ApiEmbeddings {
  model: string;
  /** [inputs][hidden], each of length 1. */
  vectors: Float32Array[];
  promptTokens: number;
}

export interface ApiEngine {
  listModels(): Promise<ApiModel[]>;
  /** @throws AppError, before or between events */
  answer(question: ApiQuestion, signal: AbortSignal): AsyncIterable<ApiEvent>;
  /** @returns null after an abort. @throws AppError */
  embed(question: ApiEmbeddingQuestion, signal: AbortSignal): Promise<ApiEmbeddings | null>;
  /** Ids of a text, for `/tokenize` and counts. */
  tokenize(text: string): Promise<number[]>;
  /** Whether an answer could be given now. */
  isReady(): boolean;
}
