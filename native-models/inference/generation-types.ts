/** What a generation is asked for and what it tells while it runs: the words every caller of the engine shares. */
import type { PictureTiles } from '../media/tiles.ts';

/** Storage precision of one part of a model. */
export type Precision = 'fp32' | 'fp16' | 'int8' | 'int4';

/** The same as people are told it: a server does not say how it holds its weights. */
export type ShownPrecision = Precision | 'unknown';

/** One stretch of a message: text, or pictures that share one `<img> … </img>` (more than one only in the card's combined form). */
export type MessagePart = { type: 'text'; text: string } | { type: 'pictures'; pictures: PictureTiles[] };

/** One turn of a conversation. A system message, when present, comes first. */
export interface Message {
  role: 'system' | 'user' | 'assistant';
  parts: MessagePart[];
}

/** A form that an answer can be held to while it is written. */
export type AnswerFormat =
  | { type: 'json' }
  /** A JSON schema; properties it does not name are not written. */
  | { type: 'json-schema'; schema: unknown }
  | { type: 'regex'; pattern: string };

/** How tokens are chosen and when to stop. */
export interface GenerationOptions {
  /** At most this many new tokens; default 1024, or what the context leaves. */
  maxNewTokens?: number;
  /** 0 = greedy (default); higher flattens the distribution. */
  temperature?: number;
  /** Keep the k most likely tokens; 0 = all (default). */
  topK?: number;
  /** Keep the smallest set whose probabilities add up to p; 1 = all (default). */
  topP?: number;
  /** Drop tokens below this share of the likeliest one's probability; 0 = none (default). */
  minP?: number;
  /** Divide positive and multiply negative logits of tokens already seen; 1 = off (default). */
  repetitionPenalty?: number;
  /** Seed of the sampler's generator; default 0. Equal seed and prompt give equal text; the n-th answer takes seed + n. */
  seed?: number;
  /** Answers wanted; they share the prompt's cache and are written side by side. Default 1. */
  n?: number;
  /** The first of several answers takes the likeliest tokens, whatever the temperature of the others; default false. */
  greedyFirst?: boolean;
  /** Give each token's log-probability and this many of the likeliest ones'; default none are given. */
  topLogprobs?: number;
  /** Texts that end the generation; they are not part of the answer. */
  stopStrings?: string[];
  /** The form that the answer is held to; default none. */
  answerFormat?: AnswerFormat;
}

/** One request to a loaded model. */
export interface GenerationRequest {
  messages: Message[];
  /** Leave the last assistant message open and go on writing it; default false. */
  continueLastAnswer?: boolean;
  generation?: GenerationOptions;
  /**
   * V2PE δ: how far a visual token moves the position (arXiv 2412.09616). `auto` (default): 1, unless the prompt's
   * positions would then pass the model's context; then the largest of 1/2 … 1/256 that fits.
   */
  visualPositionStep?: number | 'auto';
  /** Whose request it is: clients take turns fairly, and none meets what is kept of another's. Default: all the same one. */
  client?: string;
  /** The name under which the disk may keep what is read; without it nothing of this request touches the disk. */
  keep?: string;
}

/** Why an answer ended. Abort is an outcome, not an error: the text so far stands. */
export type StopReason = 'eos' | 'length' | 'stop-string' | 'aborted';

/** Wall-clock figures of one generation, in milliseconds. */
export interface GenerationTimings {
  visionMs: number;
  prefillMs: number;
  /** From the request to the first sampled token. */
  firstTokenMs: number;
  decodeMs: number;
  decodeTokensPerSecond: number;
  /** Prompt tokens whose keys and values came from the cache of an earlier turn. */
  reusedPromptTokens: number;
}

/** One token and how likely the model held it: natural logarithms, before temperature, limits, penalty and form. */
export interface TokenLogprob {
  /** Absent where a server gives text alone. */
  id?: number;
  logprob: number;
  /** What it adds to the text, in UTF-8 that may begin or end inside a character. */
  bytes: number[];
}

/** A chosen token among the likeliest ones, falling. */
export interface ChosenLogprob extends TokenLogprob {
  top: TokenLogprob[];
}

/** `choice` counts the answers from 0 and is left out where only one was asked for. */
export type GenerationEvent =
  | { type: 'waiting'; ahead: number }
  | { type: 'vision'; done: number; total: number }
  | { type: 'prompt'; tokenIds: number[] }
  | { type: 'prefill'; done: number; total: number }
  | { type: 'text'; choice?: number; text: string; tokenIds: number[]; logprobs?: ChosenLogprob[] }
  | {
      type: 'end';
      choice?: number;
      stopReason: StopReason;
      text: string;
      tokenIds: number[];
      timings: GenerationTimings;
      /** The δ that pictures were placed with; absent without pictures. */
      visualPositionStep?: number;
      /** As a server counted them, where token ids are not told, or not all. */
      counts?: { promptTokens: number; newTokens: number };
    };

/** One thing to be embedded. */
export interface EmbeddingRequest {
  part: MessagePart;
  /** Whose request it is, as in `GenerationRequest`. */
  client?: string;
}

export type EmbeddingEvent =
  | { type: 'vision'; done: number; total: number }
  /** `vector` [hidden] has length 1 and is the mean of `tokenCount` tokens. */
  | { type: 'embedding'; vector: Float32Array; tokenCount: number };

/** A solution laid out for a critic (text/critic-prompt.ts). */
export interface JudgeRequest {
  messages: Message[];
  /** Whose request it is, as in `GenerationRequest`. */
  client?: string;
}

export type JudgeEvent =
  | { type: 'waiting'; ahead: number }
  | { type: 'vision' | 'prefill'; done: number; total: number }
  /** Of every step in order: how probable `+` is where only `+` and `-` may be said. */
  | { type: 'judged'; scores: number[] };

/** What a loaded model says about itself. */
export interface ModelDescription {
  name: string;
  /** Of a model on another machine not known. */
  precision: { vision: ShownPrecision; decoder: ShownPrecision };
  /** In one line; of several devices with the layers of each, as `layer-plan.ts` writes them. */
  device: string;
  /** Which of the decoder's layers run where, in the order they run. */
  stages: { device: string; first: number; end: number }[];
  /** Side of a tile in pixels. */
  tileSize: number;
  visualTokensPerTile: number;
  minTiles: number;
  maxTiles: number;
  useThumbnail: boolean;
  /** Longest prompt plus answer, in tokens. */
  contextLength: number;
  /** The template's system text, or null where the layout has none (`-hf`). */
  systemText: string | null;
  notes: string[];
  /** Present where the model is on another machine, which is sent whole pictures. */
  remote?: { host: string; server: string };
}

/** A loaded model. It answers several requests at once, none of which the others can tell. */
export interface VisionLanguageModel {
  readonly description: ModelDescription;
  /** Ids of a text that stands for itself. */
  encodeText(text: string): number[];
  generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void>;
  /** Looks at pictures that may be asked about, until it is left; a model on another machine does not. */
  lookAhead?(
    request: { pictures: readonly PictureTiles[]; client?: string | undefined },
    signal: AbortSignal,
  ): AsyncGenerator<{ type: 'vision'; done: number; total: number }, void, void>;
  /** @throws AppError `invalid_request` where the model is on another machine */
  embed(request: EmbeddingRequest, signal: AbortSignal): AsyncGenerator<EmbeddingEvent, void, void>;
  /** @throws AppError `invalid_request` where the model is on another machine */
  judge(request: JudgeRequest, signal: AbortSignal): AsyncGenerator<JudgeEvent, void, void>;
  close(): Promise<void>;
}
