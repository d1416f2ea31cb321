/** tokenizer.json as this family has it: recognised when read, written from the parts that differ between checkpoints. */
import { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';
import { buildSentencePieceJson, readSentencePieceRules } from './sentencepiece-json.ts';
import type { AddedToken, SentencePieceRules, TokenizerFiles } from './tokenizer-files.ts';

/** Qwen2's expression for the pieces that merges never cross (Qwen2.5 tokenizer.json; transformers, tokenization_qwen2.py). */
const piecesPattern =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const unset = z.union([z.literal(''), z.literal(false)]).nullish();
const byteLevel = z.object({ type: z.literal('ByteLevel') });

/**
 * What a tokenizer.json must say to be Qwen2's. The parts are compared, never compiled: an expression that a stranger
 * wrote could run for ever.
 */
const qwen2Parts = z.object({
  normalizer: z.object({ type: z.literal('NFC') }),
  pre_tokenizer: z.object({
    type: z.literal('Sequence'),
    pretokenizers: z.tuple([
      z.object({
        type: z.literal('Split'),
        pattern: z.object({ Regex: z.literal(piecesPattern) }),
        behavior: z.literal('Isolated'),
        invert: unset,
      }),
      byteLevel.extend({ add_prefix_space: z.literal(false), use_regex: z.literal(false) }),
    ]),
  }),
  post_processor: byteLevel.nullish(),
  decoder: byteLevel,
  model: z.object({
    type: z.literal('BPE'),
    dropout: unset,
    continuing_subword_prefix: unset,
    end_of_word_suffix: unset,
    byte_fallback: unset,
    ignore_merges: unset,
  }),
});

/** Qwen2.5 has 22, InternVL3 adds 9. */
export const maxAddedTokens = 10_000;
const maxTokenId = 999_999;
const tokenId = z.int().min(0).max(maxTokenId);
export const addedToken = z.object({
  content: z.string().min(1).max(256),
  special: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  single_word: z.boolean().default(false),
});

const anyTokenizer = z.object({ model: z.object({ type: z.string() }) });
const readParts = z.object({
  added_tokens: z
    .array(addedToken.extend({ id: tokenId }))
    .max(maxAddedTokens)
    .default([]),
  model: z.object({ vocab: z.unknown(), merges: z.array(z.unknown()) }),
});

/** @throws AppError `checkpoint_broken`, or `checkpoint_unsupported` where a part is not Qwen2's, naming it */
export function parseTokenizerJson(json: unknown, file: string): TokenizerFiles {
  parseFile(anyTokenizer, json, file);
  const sentencePiece = readSentencePieceRules(json);
  if (sentencePiece) return parseSentencePieceJson(json, file, sentencePiece);
  const parts = qwen2Parts.safeParse(json);
  if (!parts.success) {
    throw unsupported(`${file} differs from Qwen2's at ${parts.error.issues[0]?.path.join('.')}`);
  }
  const { added_tokens, model } = parseFile(readParts, json, file);
  return {
    vocabulary: parseVocabulary(model.vocab, file),
    merges: model.merges.map((merge, rank) => parseMerge(merge, { file, rank })),
    addedTokens: added_tokens.map((token) => plainToken(token.id, token)),
  };
}

/** Wholes lie in the vocabulary too: there they are pieces like any other, and no added tokens. */
function parseSentencePieceJson(
  json: unknown,
  file: string,
  sentencePiece: SentencePieceRules,
): TokenizerFiles {
  const { added_tokens, model } = parseFile(readParts, json, file);
  const wholes = new Set(sentencePiece.wholes);
  return {
    vocabulary: parseVocabulary(model.vocab, file),
    merges: model.merges.map((merge, rank) => parseMerge(merge, { file, rank })),
    addedTokens: added_tokens
      .filter(({ content }) => !wholes.has(content))
      .map((token) => plainToken(token.id, token)),
    sentencePiece,
  };
}

/** The content of a tokenizer.json that finds `addedTokens` in text, and no others. */
export function buildTokenizerJson(files: TokenizerFiles, addedTokens: readonly AddedToken[]) {
  const { sentencePiece } = files;
  if (sentencePiece) return buildSentencePieceJson({ ...files, sentencePiece }, addedTokens);
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const byteLevelPart = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  const split = { type: 'Split', pattern: { Regex: piecesPattern }, behavior: 'Isolated', invert: false };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens.map((token) => ({ ...token, ...flags })),
    normalizer: { type: 'NFC' },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [split, byteLevelPart] },
    post_processor: null,
    decoder: byteLevelPart,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      vocab: files.vocabulary,
      merges: files.merges,
    },
  };
}

/**
 * Token → id. By hand, since every start waits for it: a schema's copy of 151,643 entries takes a quarter of a second,
 * this 40 ms.
 */
export function parseVocabulary(json: unknown, file: string): Record<string, number> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw broken(file, 'its vocabulary is no object');
  }
  const ids = json as Record<string, unknown>;
  for (const token in ids) {
    const id = ids[token];
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > maxTokenId) {
      throw broken(file, `the id of "${token.slice(0, 60)}" is not a whole number up to ${maxTokenId}`);
    }
  }
  return ids as Record<string, number>;
}

/** A merge is "left right", or a pair in newer files. Symbols of the alphabet hold no blank. */
export function parseMerge(merge: unknown, at: { file: string; rank: number }): string {
  const isPair = Array.isArray(merge) && merge.every((token) => typeof token === 'string');
  const line: unknown = isPair ? merge.join(' ') : merge;
  if (typeof line === 'string' && /^[^ ]+ [^ ]+$/.test(line)) return line;
  throw broken(at.file, `merge ${at.rank + 1} is not a pair of tokens`);
}

/** @throws AppError `checkpoint_unsupported` for tokens that eat the blanks around them: no model of the family has such */
export function plainToken(id: number, token: z.infer<typeof addedToken>): AddedToken {
  if (token.lstrip || token.rstrip || token.single_word) {
    throw unsupported(`its tokenizer's added token ${id} takes more of the text than its own characters`);
  }
  return { id, content: token.content, special: token.special };
}

export function parseFile<S extends z.ZodType>(schema: S, json: unknown, file: string): z.output<S> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.map((step) => String(step).slice(0, 60)).join('.') || 'the top';
  throw broken(file, `at ${where}: ${issue?.message ?? 'invalid'}`);
}

export function broken(file: string, what: string): AppError {
  return new AppError('checkpoint_broken', `${file} is broken: ${what}. Get the checkpoint again.`);
}

export function unsupported(why: string): AppError {
  return new AppError('checkpoint_unsupported', `This model can't run here: ${why}.`);
}
