/** The story on one screen: pictures → visual tokens → prompt → prefill → decode → text. */
import { AppError } from '../../preload/contract/errors.ts';
import { hashPicture, type PictureTiles } from '../media/tiles.ts';
import type { Message as TemplateMessage } from '../text/chat-template.ts';
import { buildPrompt, type Prompt } from '../text/prompt.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { FormatCompiler } from './answer-format.ts';
import type { Decoder } from './decoder.ts';
import { startClock } from './generation-clock.ts';
import type { GenerationEvent, GenerationOptions, GenerationRequest } from './generation-types.ts';
import { createGrowingAnswer } from './growing-answer.ts';
import { type PrefillPace, prefill } from './prefill.ts';
import { appendToken, commonPrefixLength, keyOf, type Sequence, truncateSequence } from './sequence.ts';
import { nextTurn } from './session.ts';
import { createTokenChooser } from './token-chooser.ts';
import type { TokenEmbedder } from './token-embedder.ts';
import type { VisionEncoder } from './vision-encoder.ts';
import { encodePictures, type VisualTokenCache } from './visual-tokens.ts';

/** The parts of a loaded model, and what it remembers between requests. */
export interface GenerationParts {
  tokenizer: Tokenizer;
  embedder: TokenEmbedder;
  vision: VisionEncoder;
  decoder: Decoder;
  visualTokensPerTile: number;
  visualTokenCache: VisualTokenCache;
  /** Ids that are never said: without tokenizer entry, or placeholders. */
  suppressed: readonly number[];
  /** Made by the first answer that is held to a form: its vocabulary takes a second to prepare. */
  formats: () => Promise<FormatCompiler>;
  pace: PrefillPace;
  /** The last conversation; a prompt that begins like it starts from its cache. */
  sequence: Sequence;
}

/** Default length of an answer. */
const defaultMaxNewTokens = 1024;

/**
 * Answers one request. Ends with exactly one `end` event, after an abort too (with the text so far).
 * @throws AppError `context_too_long` with the numbers, `out_of_memory`, `invalid_request` where no answer is there to
 * continue, `model_folder_broken` where the model computes no numbers; the next request then starts afresh
 */
export async function* generate(
  parts: GenerationParts,
  request: GenerationRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void, void> {
  const clock = startClock();
  const answer = createGrowingAnswer(parts.tokenizer, request.generation?.stopStrings);
  const pictures = request.messages.flatMap((message) =>
    message.parts.flatMap((part) => (part.type === 'pictures' ? part.pictures : [])),
  );
  const prompt = buildPrompt(parts.tokenizer, templateMessages(parts, request), {
    continueLastAnswer: request.continueLastAnswer ?? false,
  });
  const maxNewTokens = budgetOf(parts.decoder.config.contextLength, prompt.ids.length, request.generation);
  const chooser = await createTokenChooser(parts, request.generation ?? {}, prompt.ids);
  yield { type: 'prompt', tokenIds: Array.from(prompt.ids) };
  try {
    const visualTokens: Float32Array[] = [];
    for await (const step of withResult(
      encodePictures(pictures, { encoder: parts.vision, cache: parts.visualTokenCache, signal }),
    )) {
      if ('progress' in step) yield { type: 'vision', ...step.progress };
      else visualTokens.push(...step.result.map(joined));
    }
    clock.mark('visionMs');

    const key = keyOf(prompt, request.visualPositionStep ?? 1);
    clock.reusedPromptTokens = reusePrefix(parts.sequence, key, prompt);
    let logits: Float32Array = new Float32Array(0);
    const reading = prefill({ ...parts, prompt, key, visualTokens, signal });
    for await (const step of withResult(reading)) {
      if ('progress' in step) yield { type: 'prefill', ...step.progress };
      else logits = step.result;
    }
    clock.mark('prefillMs');

    for (let count = 0; ; count++) {
      const id = await chooser.choose(logits);
      if (count === 0) clock.markFirstToken();
      if (parts.tokenizer.stopIds.includes(id)) {
        answer.stopReason = 'eos';
        break;
      }
      appendToken(parts.sequence, id);
      const piece = answer.push(id);
      yield { type: 'text', text: piece, tokenIds: [id] };
      if (answer.stopReason) break;
      if (count + 1 >= maxNewTokens) {
        answer.stopReason = 'length';
        break;
      }
      await nextTurn();
      signal.throwIfAborted();
      logits = await decodeStep(parts, id);
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) {
      forgetSequence(parts); // what failed may have left values that would spoil the next answer
      throw error;
    }
    answer.stopReason = 'aborted';
  } finally {
    chooser.close();
  }
  const rest = answer.flush();
  if (rest) yield { type: 'text', text: rest, tokenIds: [] };
  yield {
    type: 'end',
    stopReason: answer.stopReason!,
    text: answer.text,
    tokenIds: answer.tokenIds,
    timings: clock.timings(answer.tokenIds.length),
  };
}

/** Feeds the token just said; its keys and values join the cache and the next logits [vocabulary] come back. */
function decodeStep({ embedder, decoder, sequence }: GenerationParts, id: number): Promise<Float32Array> {
  const hidden = new Float32Array(embedder.width);
  embedder.embed(id, hidden, 0);
  const positions = Float32Array.of(sequence.key.positions.at(-1)!);
  return decoder.run({ hidden, positions, cache: sequence.cache, logitRows: [0] });
}

/** Keeps the cache of the common beginning; at least the last token is read again, since its logits are needed. */
function reusePrefix(sequence: Sequence, key: ReturnType<typeof keyOf>, prompt: Prompt): number {
  const shared = Math.min(
    commonPrefixLength(sequence.key, key),
    sequence.cache.length,
    prompt.ids.length - 1,
  );
  truncateSequence(sequence, shared);
  return shared;
}

function forgetSequence({ sequence, decoder }: GenerationParts): void {
  sequence.key = { ids: [], positions: [], pictures: [] };
  sequence.cache = decoder.createCache();
}

function templateMessages(parts: GenerationParts, request: GenerationRequest): TemplateMessage[] {
  const placed = (picture: PictureTiles) => ({
    hash: hashPicture(picture),
    visualTokens: picture.tileCount * parts.visualTokensPerTile,
  });
  return request.messages.map((message) => ({
    role: message.role,
    parts: message.parts.map((part) =>
      part.type === 'text' ? part : { type: 'pictures', pictures: part.pictures.map(placed) },
    ),
  }));
}

function budgetOf(contextLength: number, promptTokens: number, options: GenerationOptions = {}): number {
  const left = contextLength - promptTokens;
  if (left < 1) {
    throw new AppError(
      'context_too_long',
      `The question needs ${promptTokens} tokens, the model's context holds ${contextLength}. Use fewer or smaller pictures, or a shorter text.`,
    );
  }
  return Math.min(options.maxNewTokens ?? defaultMaxNewTokens, left);
}

function joined(tiles: Float32Array[]): Float32Array {
  const out = new Float32Array(tiles.reduce((sum, tile) => sum + tile.length, 0));
  let at = 0;
  for (const tile of tiles) {
    out.set(tile, at);
    at += tile.length;
  }
  return out;
}

/** A generator's progress values, then its result, in one loop. */
async function* withResult<P, R>(
  work: AsyncGenerator<P, R, void>,
): AsyncGenerator<{ progress: P } | { result: R }, void, void> {
  for (;;) {
    const step = await work.next();
    if (step.done) {
      yield { result: step.value };
      return;
    }
    yield { progress: step.value };
  }
}
