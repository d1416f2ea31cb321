/** The story on one screen: pictures → visual tokens → prompt → prefill → decode → text. */
import type { DiskCaches } from '../cache/disk-caches.ts';
import type { KeptType } from '../cache/kept-values.ts';
import { hashPicture, type PictureTiles } from '../media/tiles.ts';
import type { Message as TemplateMessage } from '../text/chat-template.ts';
import { buildPrompt, type PictureSlot, type Prompt } from '../text/prompt.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { FormatCompiler } from './answer-format.ts';
import type { Decoder } from './decoder.ts';
import { type GenerationClock, startClock } from './generation-clock.ts';
import type { GenerationEvent, GenerationRequest } from './generation-types.ts';
import { createGrowingAnswer } from './growing-answer.ts';
import { keptOnDisk } from './kept-on-disk.ts';
import type { LookedAhead } from './look-ahead.ts';
import { refuseVastPrompt } from './memory-limits.ts';
import { mergeStreams } from './merge-streams.ts';
import { type PrefillPace, prefill } from './prefill.ts';
import type { RunTurns } from './run-turns.ts';
import { forkSequence, keyOf, type Sequence } from './sequence.ts';
import type { SequencePool } from './sequence-pool.ts';
import { createTokenChooser } from './token-chooser.ts';
import type { TokenEmbedder } from './token-embedder.ts';
import type { VisionEncoder } from './vision-encoder.ts';
import { choosePositionStep, promptTooLong } from './visual-position-step.ts';
import { encodePictures, joinTiles, ownTokens, type VisualTokenCache } from './visual-tokens.ts';
import { endAnswer, type OpenAnswer, writeAnswer } from './write-answer.ts';

/** The parts of a loaded model, and what it remembers between requests. */
export interface GenerationParts {
  tokenizer: Tokenizer;
  embedder: TokenEmbedder;
  vision: VisionEncoder;
  decoder: Decoder;
  visualTokensPerTile: number;
  visualTokenCache: VisualTokenCache;
  /** What was looked at before it was asked about. */
  lookedAhead: LookedAhead;
  /** What visual tokens are rounded to before they are read, so that kept ones are the same. */
  visualTokenType: KeptType;
  /** What outlives the process; null where nothing is kept. */
  disk: DiskCaches | null;
  /** Ids that are never said: without tokenizer entry, or placeholders. */
  suppressed: readonly number[];
  /** Made by the first answer that is held to a form: its vocabulary takes a second to prepare. */
  formats: () => Promise<FormatCompiler>;
  pace: PrefillPace;
  /** Memory of the sequences; a prompt that begins like a kept one starts from its cache. */
  sequences: SequencePool;
  /** All requests' runs, one after another. */
  turns: RunTurns;
  /** Most tokens of a prompt and its answer, beside what the positions allow. */
  sessionLength: number;
}

/** Visual tokens of a picture that is in the cache already: nobody reads them. */
const nothingToSee = new Float32Array(0);

/** Default length of an answer. */
const defaultMaxNewTokens = 1024;

/**
 * Answers one request, beside others. Ends with one `end` event for each answer asked for, after an abort too (with
 * the text so far).
 * @throws AppError `context_too_long` with the numbers, `out_of_memory`, `invalid_request` where no answer is there to
 * continue, `model_folder_broken` where the model computes no numbers; the next request then starts afresh
 */
export async function* generate(
  parts: GenerationParts,
  request: GenerationRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void, void> {
  const clock = startClock();
  const client = request.client ?? '';
  const { prompt, step, answers } = await prepareAnswers(parts, request, clock);
  const kept = keptOnDisk(parts, request);
  let giveBack = () => {};
  try {
    yield { type: 'prompt', tokenIds: Array.from(prompt.ids) };
    const tokens = prompt.ids.length + answers.length * answers[0]!.maxNewTokens;
    giveBack = yield* parts.sequences.admit(tokens, { client, signal });
    const inTurn = parts.turns.forReader(client, signal);
    const key = keyOf(prompt, step);
    await kept.recallSequence(key);
    const sequence = parts.sequences.take(key, client);
    clock.reusedPromptTokens = sequence.cache.length;
    try {
      // A picture whose keys and values are there is not looked at again.
      const isRead = ({ start, length }: PictureSlot) => start + length <= sequence.cache.length;
      const unread = picturesOf(request).filter((_, index) => !isRead(prompt.slots[index]!));
      let hasLooked = false;
      const encoding = {
        onLook: () => {
          hasLooked = true;
        },
        encoder: parts.vision,
        cache: ownTokens(parts.visualTokenCache, client),
        inTurn,
        type: parts.visualTokenType,
        recall: kept.recallPicture,
      };
      const tiles = yield* told('vision', encodePictures(unread, encoding));
      kept.keepPictures(unread, tiles);
      const looked = tiles.map(joinTiles);
      const visualTokens = prompt.slots.map((slot) => (isRead(slot) ? nothingToSee : looked.shift()!));
      clock.mark('visionMs', hasLooked);

      const reading = prefill({ ...parts, prompt, key, visualTokens, sequence, inTurn });
      const logits = yield* told('prefill', reading);
      clock.mark('prefillMs');
      yield* writeAnswers(parts, answers, { sequence, logits, signal });
    } catch (error) {
      if (isAbortOf(signal, error)) parts.sequences.keep(sequence);
      throw error; // what failed otherwise may have left values that would spoil the next answer
    }
    parts.sequences.keep(sequence);
    kept.keepSequence(sequence);
  } catch (error) {
    if (!isAbortOf(signal, error)) throw error;
    for (const open of answers) {
      open.answer.stopReason = 'aborted';
      yield* endAnswer(open);
    }
  } finally {
    giveBack();
    kept.end();
    for (const { chooser } of answers) chooser.close();
  }
}

/** The prompt's tokens, δ, and the answers to be written, before any work is done on them. */
async function prepareAnswers(parts: GenerationParts, request: GenerationRequest, clock: GenerationClock) {
  const prompt = buildPrompt(parts.tokenizer, templateMessages(parts, request), {
    continueLastAnswer: request.continueLastAnswer ?? false,
  });
  const { config } = parts.decoder;
  const wanted = request.generation?.maxNewTokens ?? defaultMaxNewTokens;
  const { step, left } = choosePositionStep(prompt, request.visualPositionStep ?? 'auto', {
    length: config.contextLength,
    answerRoom: Math.min(wanted, Math.floor(config.contextLength / 8)),
  });
  refuseVastPrompt(config, prompt.ids.length);
  const room = parts.sessionLength - prompt.ids.length;
  if (room < 1) throw promptTooLong(prompt.ids.length, parts.sessionLength);
  const answers = await openAnswers(parts, request, {
    prompt,
    maxNewTokens: Math.min(wanted, left, room),
    clock,
    placed: prompt.slots.length > 0 ? { visualPositionStep: step } : {},
  });
  return { prompt, step, answers };
}

/** One answer, or several side by side over one prompt, each with its own fork of the cache. */
function writeAnswers(
  parts: GenerationParts,
  answers: readonly OpenAnswer[],
  read: { sequence: Sequence; logits: Float32Array; signal: AbortSignal },
): AsyncGenerator<GenerationEvent, void, void> {
  const forks = answers.map((_, index) => (index === 0 ? read.sequence : forkSequence(read.sequence)));
  const writing = answers.map((open, index) =>
    writeAnswer(parts, open, { ...read, sequence: forks[index]!, logits: read.logits.slice() }),
  );
  return writing.length === 1 ? writing[0]! : mergeStreams(writing);
}

/** @throws AppError `invalid_request` for a form that an answer can't be held to */
async function openAnswers(
  parts: GenerationParts,
  { generation = {}, continueLastAnswer = false }: GenerationRequest,
  shared: Pick<OpenAnswer, 'maxNewTokens' | 'placed'> & { prompt: Prompt; clock: GenerationClock },
): Promise<OpenAnswer[]> {
  const { prompt, ...rest } = shared;
  const answers: OpenAnswer[] = [];
  const count = generation.n ?? 1;
  const dropsFirstBlank = parts.tokenizer.marksFirstBlank && !continueLastAnswer;
  for (let choice = 0; choice < count; choice++) {
    const isGreedy = choice === 0 && generation.greedyFirst === true;
    const options = {
      ...generation,
      ...(isGreedy && { temperature: 0 }),
      seed: (generation.seed ?? 0) + choice,
    };
    answers.push({
      ...rest,
      choice: count > 1 ? { choice } : {},
      answer: createGrowingAnswer(parts.tokenizer, generation.stopStrings, { dropsFirstBlank }),
      chooser: await createTokenChooser(parts, options, prompt.ids),
    });
  }
  return answers;
}

function isAbortOf(signal: AbortSignal, error: unknown): boolean {
  return signal.aborted && error === signal.reason;
}

export function picturesOf(request: Pick<GenerationRequest, 'messages'>): PictureTiles[] {
  return request.messages.flatMap((message) =>
    message.parts.flatMap((part) => (part.type === 'pictures' ? part.pictures : [])),
  );
}

export function templateMessages(
  parts: GenerationParts,
  request: Pick<GenerationRequest, 'messages'>,
): TemplateMessage[] {
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

/** A stage's progress as events; its result comes back. */
export async function* told<Stage extends 'vision' | 'prefill', Result>(
  type: Stage,
  work: AsyncGenerator<{ done: number; total: number }, Result, void>,
): AsyncGenerator<{ type: Stage; done: number; total: number }, Result, void> {
  for (;;) {
    const step = await work.next();
    if (step.done) return step.value;
    yield { type, ...step.value };
  }
}
