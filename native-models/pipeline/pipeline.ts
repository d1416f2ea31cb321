/** The model card's pipeline: `const pipe = await pipeline(model)`, then `pipe('hi')`. */
import { AppError } from '../../preload/contract/errors.ts';
import type { Message, VisionLanguageModel } from '../inference/generation-types.ts';
import { makeTiles, type PictureTiles } from '../media/tiles.ts';
import { wholePicture } from '../media/whole-picture.ts';
import {
  type ChatSession,
  type ConversationOptions,
  checkPatches,
  nextTurn,
  type TurnPrompt,
} from './chat-session.ts';
import { type GenerationConfig, generationOptionsOf } from './generation-config.ts';
import type { LoadedImage } from './load-image.ts';
import { openPipelineModel, type PipelineOptions } from './open-pipeline-model.ts';
import { isBatch, messagesOf, type Prompt, userTurn } from './prompts.ts';
import { gatherResponse, piecesOf, type ResponseOfPrompt, type ResponsePiece } from './responses.ts';

export interface AskOptions {
  generation?: GenerationConfig;
  /** V2PE's δ, 1 to 1/256; default `auto`: 1 wherever the prompt fits. */
  visualPositionStep?: number | 'auto';
  /** Ends the answer; what was written stands in the response, whose finish reason is then `aborted`. */
  signal?: AbortSignal;
}

export interface ChatOptions extends AskOptions, ConversationOptions {}

export interface BatchChatRequest extends AskOptions {
  questions: readonly string[];
  /** One for each question. */
  pictures: readonly LoadedImage[];
  numPatchesList?: readonly number[];
}

export interface Pipeline {
  /** Answers one prompt, or a list of them in one batch. */
  (prompt: Prompt, options?: AskOptions): Promise<ResponseOfPrompt>;
  (prompts: readonly Prompt[], options?: AskOptions): Promise<ResponseOfPrompt[]>;
  /** The text of one prompt's answer as it is written. */
  stream(prompt: Prompt, options?: AskOptions): AsyncGenerator<ResponsePiece, void, void>;
  /** One turn of a conversation. */
  chat(prompt: TurnPrompt, options?: ChatOptions): Promise<ChatSession>;
  /** A picture with a question each, answered in one batch (the card's `batch_chat`). */
  batchChat(request: BatchChatRequest): Promise<ResponseOfPrompt[]>;
  /** Tiles that the model cuts a picture into, thumbnail included: an entry of the card's `num_patches_list`. */
  numPatches(image: LoadedImage): number;
  /** Gives the model's memory back. */
  close(): Promise<void>;
}

/**
 * Opens a checkpoint as published, a converted model folder, or the address of a server (`https://…`, beside `key`),
 * to which questions and pictures are then sent. A model here runs in this process: while it computes a
 * chunk of a prompt or a token, at most a few tenths of a second at 1B on two cores, nothing else does.
 * @throws AppError as `openPipelineModel`; calls throw `invalid_request`, `context_too_long`, `out_of_memory`
 */
export async function pipeline(model: string, options: PipelineOptions = {}): Promise<Pipeline> {
  const opened = await openPipelineModel(model, options);
  return createPipeline(opened.model, opened.systemText);
}

function createPipeline(model: VisionLanguageModel, systemText: string | null): Pipeline {
  const cutTiles = (image: LoadedImage): PictureTiles => {
    const { tileSize, minTiles, maxTiles, useThumbnail, remote } = model.description;
    const most = image.maxTiles ?? maxTiles;
    const tiling = { tileSize, minTiles: Math.min(minTiles, most), maxTiles: most, useThumbnail };
    return remote ? wholePicture(image.picture, tiling) : makeTiles(image.picture, tiling);
  };

  /** @param messages without system text of their own take the template's */
  const answer = (messages: readonly Message[], { generation, visualPositionStep, signal }: AskOptions) => {
    const opening: Message[] =
      systemText === null || messages[0]?.role === 'system'
        ? []
        : [{ role: 'system', parts: [{ type: 'text', text: systemText }] }];
    const request = {
      messages: [...opening, ...messages],
      generation: generationOptionsOf(generation),
      ...(visualPositionStep !== undefined && { visualPositionStep }),
    };
    return piecesOf(model.generate(request, signal ?? new AbortController().signal));
  };
  const ask = async (prompt: Prompt, options: AskOptions) =>
    gatherResponse(answer(await messagesOf(prompt, cutTiles), options));

  function pipe(prompt: Prompt, options?: AskOptions): Promise<ResponseOfPrompt>;
  function pipe(prompts: readonly Prompt[], options?: AskOptions): Promise<ResponseOfPrompt[]>;
  async function pipe(prompts: Prompt | readonly Prompt[], options: AskOptions = {}) {
    if (!isBatch(prompts)) return ask(prompts, options);
    return Promise.all(prompts.map((prompt) => ask(prompt, options)));
  }

  return Object.assign(pipe, {
    async *stream(prompt: Prompt, options: AskOptions = {}) {
      yield* answer(await messagesOf(prompt, cutTiles), options);
    },
    async chat(prompt: TurnPrompt, options: ChatOptions = {}): Promise<ChatSession> {
      const { question, messages } = nextTurn(prompt, options, cutTiles);
      const response = await gatherResponse(answer(messages, options));
      const said: Message = { role: 'assistant', parts: [{ type: 'text', text: response.text }] };
      const before = options.session?.history ?? options.history ?? [];
      return { response, history: [...before, [question, response.text]], messages: [...messages, said] };
    },
    async batchChat({ questions, pictures, numPatchesList, ...options }: BatchChatRequest) {
      const tiles = pictures.map(cutTiles);
      checkPatches(tiles, numPatchesList);
      if (questions.length !== tiles.length) throw unequalCounts(questions.length, tiles.length);
      const turns = questions.map((text, index) => userTurn(text, [tiles[index]!], { firstTurn: true }));
      return Promise.all(turns.map((turn) => gatherResponse(answer([turn], options))));
    },
    numPatches: (image: LoadedImage) => cutTiles(image).tileCount,
    close: () => model.close(),
  });
}

function unequalCounts(questions: number, pictures: number): AppError {
  return new AppError(
    'invalid_request',
    `batchChat needs a picture for each question: it got ${questions} questions and ${pictures} pictures.`,
  );
}
