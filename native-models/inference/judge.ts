/** What a critic thinks of each step of a solution: one pass over all of it, and what it would say at each of its turns. */
import { AppError } from '../../preload/contract/errors.ts';
import type { Message } from '../text/chat-template.ts';
import { approval, rejection } from '../text/critic-prompt.ts';
import { buildPrompt } from '../text/prompt.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { type GenerationParts, picturesOf, templateMessages, told } from './generate.ts';
import type { JudgeEvent, JudgeRequest } from './generation-types.ts';
import { refuseVastPrompt } from './memory-limits.ts';
import { prefill } from './prefill.ts';
import { keyOf, truncateSequence } from './sequence.ts';
import { promptTooLong } from './visual-position-step.ts';
import { encodePictures, joinTiles, ownTokens } from './visual-tokens.ts';

/**
 * Reads a conversation and weighs, after each question of it, `+` against `-`. Solutions of one question are read from
 * where they part: pictures and question stay in the cache. Ends with `judged`; after an abort it rejects with the
 * signal's reason.
 * @throws AppError `context_too_long`, `out_of_memory`, `model_folder_broken`, `invalid_request` where the tokenizer
 * has no single token for a judgement
 */
export async function* judge(
  parts: GenerationParts,
  request: JudgeRequest,
  signal: AbortSignal,
): AsyncGenerator<JudgeEvent, void, void> {
  const { client = '' } = request;
  const messages = templateMessages(parts, request);
  const verdicts = verdictIds(parts.tokenizer);
  const prompt = buildPrompt(parts.tokenizer, messages);
  const rows = judgedRows(parts.tokenizer, messages);
  const { config } = parts.decoder;
  const room = Math.min(config.contextLength, parts.sessionLength);
  if (prompt.ids.length > room) throw promptTooLong(prompt.ids.length, room);
  refuseVastPrompt(config, prompt.ids.length);
  const giveBack = yield* parts.sequences.admit(prompt.ids.length, { client, signal });
  try {
    const inTurn = parts.turns.forReader(client, signal);
    const encoding = { encoder: parts.vision, cache: ownTokens(parts.visualTokenCache, client), inTurn };
    const tiles = yield* told('vision', encodePictures(picturesOf(request), encoding));
    const scores: number[] = [];
    const hear = (logits: Float32Array) => scores.push(approvalOf(logits, verdicts));
    const key = keyOf(prompt, 1);
    const sequence = parts.sequences.take(key, client);
    // Solutions may begin with the same steps, which have to be heard again to be judged.
    truncateSequence(sequence, Math.min(sequence.cache.length, rows[0]!));
    try {
      const reading = { ...parts, prompt, key, visualTokens: tiles.map(joinTiles), sequence, inTurn };
      yield* told('prefill', prefill({ ...reading, heard: { rows, hear } }));
    } catch (error) {
      if (signal.aborted && error === signal.reason) parts.sequences.keep(sequence);
      throw error; // what failed otherwise may have left values that would spoil the next solution
    }
    parts.sequences.keep(sequence);
    yield { type: 'judged', scores };
  } finally {
    giveBack();
  }
}

/** Where each of the critic's turns begins: the last token of its header, for every question in order. */
function judgedRows(tokenizer: Tokenizer, messages: readonly Message[]): number[] {
  const ends = messages.flatMap(({ role }, index) => (role === 'user' ? [index + 1] : []));
  return ends.map((end) => buildPrompt(tokenizer, messages.slice(0, end)).ids.length - 1);
}

/** As they stand at the beginning of an answer, behind the header's line end. */
function verdictIds(tokenizer: Tokenizer): { approval: number; rejection: number } {
  const before = tokenizer.encodeText('\n');
  const idOf = (word: string) => {
    const ids = tokenizer.encodeText(`\n${word}`);
    if (ids.length === before.length + 1) return ids.at(-1)!;
    throw new AppError('invalid_request', `This model is no critic: its tokenizer has no token “${word}”.`);
  };
  return { approval: idOf(approval), rejection: idOf(rejection) };
}

/** P(+) where `+` and `-` are all there is to say. @param logits [vocabulary] */
function approvalOf(logits: Float32Array, ids: { approval: number; rejection: number }): number {
  return 1 / (1 + Math.exp(logits[ids.rejection]! - logits[ids.approval]!));
}
