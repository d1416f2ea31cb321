/** Reads a checkpoint's tokenizer in any published form into one checked shape. */
import { join } from 'node:path';
import { z } from 'zod';
import { isThere, readFileBytes, readTextFile } from '../weights/plain-file.ts';
import { bytePieces, byteSymbols } from './byte-alphabet.ts';
import { parseSentencePieceModel } from './sentencepiece-model.ts';
import {
  addedToken,
  broken,
  maxAddedTokens,
  parseFile,
  parseMerge,
  parseTokenizerJson,
  parseVocabulary,
  plainToken,
} from './tokenizer-json.ts';

/** The family's largest tokenizer.json has 11 MB; a file past this limit is not one. */
const maxFileBytes = 64 * 1024 * 1024;

/** A token found in text as it stands, before the vocabulary is asked. */
export interface AddedToken {
  id: number;
  content: string;
  /** The checkpoint's own mark for tokens that structure a prompt. */
  special: boolean;
}

/** How a SentencePiece model cuts text before its merges run. */
export interface SentencePieceRules {
  /** Every text gets a blank in front: `add_dummy_prefix`. */
  prefixesBlank: boolean;
  /** Blanks at both ends go, several become one: `remove_extra_whitespaces`. */
  squeezesBlanks: boolean;
  /** Pieces that are found as they stand, before any merge: `user_defined_symbols`. */
  wholes: string[];
  /** A prompt begins with `<s>`: `add_bos_token`. */
  beginsText: boolean;
}

/** A byte-level BPE with Qwen2's normaliser and pre-tokenizer, or a SentencePiece BPE: all that differs between checkpoints. */
export interface TokenizerFiles {
  /** Token in the byte-level alphabet (SentencePiece: as it stands, blanks marked) → id. No two tokens share an id, added tokens included. */
  vocabulary: Record<string, number>;
  /** Tokens that join, "left right", the strongest pair first. Both, and what they join to, are in the vocabulary. */
  merges: string[];
  addedTokens: AddedToken[];
  /** Absent for the byte-level kind. */
  sentencePiece?: SentencePieceRules;
}

const named = z.union([z.string(), z.object({ content: z.string() }).transform((token) => token.content)]);
/** Of tokenizer_config.json and special_tokens_map.json. A chat_template there is never looked at. */
const tokenizerConfig = z.object({
  added_tokens_decoder: z.record(z.string().regex(/^\d{1,6}$/), addedToken).optional(),
  additional_special_tokens: z.array(named).nullish(),
  add_bos_token: z.boolean().optional(),
});

/**
 * Reads tokenizer.json, or vocab.json and merges.txt or tokenizer.model as the published originals have them, and the
 * added tokens that are listed beside them.
 * @throws AppError `checkpoint_broken` naming the file that is missing, malformed, too large or contradicts itself;
 * `path_refused` or `file_unreadable` for one that is no plain file or can't be read; `checkpoint_unsupported` for a
 * tokenizer of another kind than Qwen2's or InternLM2's
 */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const json = await readJson(folder, 'tokenizer.json');
  const beside = await readAddedTokens(folder);
  const { files, main } =
    json === undefined
      ? await readOwnForm(folder, beside)
      : { files: parseTokenizerJson(json, 'tokenizer.json'), main: 'tokenizer.json' };
  const known = new Set(files.addedTokens.map((token) => token.content));
  for (const token of beside) {
    if (!known.has(token.content)) files.addedTokens.push(token);
  }
  if (files.addedTokens.length > maxAddedTokens) {
    throw broken(main, `more than ${maxAddedTokens} added tokens lie beside it`);
  }
  checkIds(files, main);
  checkMerges(files, main === 'vocab.json' ? 'merges.txt' : main);
  return files;
}

/** Without a tokenizer.json: vocab.json and merges.txt, or SentencePiece's one file. */
async function readOwnForm(
  folder: string,
  beside: readonly AddedToken[],
): Promise<{ files: TokenizerFiles; main: string }> {
  const json = await readJson(folder, 'vocab.json');
  if (json !== undefined) {
    return { files: await withMerges(folder, parseVocabulary(json, 'vocab.json')), main: 'vocab.json' };
  }
  const main = 'tokenizer.model';
  if (!(await isThere(join(folder, main)))) {
    throw broken('tokenizer.json', 'it is missing, and so are vocab.json and tokenizer.model');
  }
  const bytes = await readFileBytes({ folder, name: main, maxBytes: maxFileBytes });
  const files = parseSentencePieceModel(bytes, new Set(beside.map(({ id }) => id)));
  const { add_bos_token } = await readConfig(folder, 'tokenizer_config.json');
  if (add_bos_token === false) files.sentencePiece!.beginsText = false;
  return { files, main };
}

async function withMerges(folder: string, vocabulary: Record<string, number>): Promise<TokenizerFiles> {
  const text = await readText(folder, 'merges.txt');
  if (text === undefined) throw broken('merges.txt', 'it is missing');
  const lines = text
    .split(/\r?\n/)
    .filter((line, index) => line && !(index === 0 && line.startsWith('#version')));
  return {
    vocabulary,
    merges: lines.map((line, rank) => parseMerge(line, { file: 'merges.txt', rank })),
    addedTokens: [],
  };
}

/** tokenizer_config.json's list says all; added_tokens.json has only ids, and what is special stands elsewhere. */
async function readAddedTokens(folder: string): Promise<AddedToken[]> {
  const config = await readConfig(folder, 'tokenizer_config.json');
  if (config.added_tokens_decoder) {
    return Object.entries(config.added_tokens_decoder).map(([id, token]) => plainToken(Number(id), token));
  }
  const map = await readConfig(folder, 'special_tokens_map.json');
  const special = new Set([config, map].flatMap((source) => source.additional_special_tokens ?? []));
  const ids = parseVocabulary((await readJson(folder, 'added_tokens.json')) ?? {}, 'added_tokens.json');
  return Object.entries(ids).map(([content, id]) => ({ id, content, special: special.has(content) }));
}

async function readConfig(folder: string, file: string): Promise<z.infer<typeof tokenizerConfig>> {
  return parseFile(tokenizerConfig, (await readJson(folder, file)) ?? {}, file);
}

/** One id for one token and one token for one id; every byte has its symbol, so that no text gets lost. */
function checkIds({ vocabulary, addedTokens, sentencePiece }: TokenizerFiles, file: string): void {
  const tokenOf: string[] = [];
  for (const token in vocabulary) {
    const id = vocabulary[token]!;
    if (tokenOf[id] !== undefined) throw broken(file, `two tokens have the id ${id}`);
    tokenOf[id] = token;
  }
  const added = new Set<string>();
  for (const { content, id } of addedTokens) {
    const spelled = Object.hasOwn(vocabulary, content) ? vocabulary[content] : id;
    if (spelled !== id || (tokenOf[id] ?? content) !== content || added.has(content)) {
      throw broken(file, `added token ${id} contradicts another token`);
    }
    tokenOf[id] = content;
    added.add(content);
  }
  const symbols = sentencePiece ? bytePieces : byteSymbols;
  const missing = symbols.filter((symbol) => !Object.hasOwn(vocabulary, symbol)).length;
  if (missing > 0) throw broken(file, `${missing} of the 256 bytes have no token`);
}

function checkMerges({ vocabulary, merges }: TokenizerFiles, file: string): void {
  for (const [rank, merge] of merges.entries()) {
    const blank = merge.indexOf(' ');
    const left = merge.slice(0, blank);
    const right = merge.slice(blank + 1);
    if (![left, right, left + right].every((token) => Object.hasOwn(vocabulary, token))) {
      throw broken(file, `merge ${rank + 1} names a token that is not in the vocabulary`);
    }
  }
}

async function readJson(folder: string, file: string): Promise<unknown> {
  const text = await readText(folder, file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw broken(file, 'it is not valid JSON');
  }
}

function readText(folder: string, name: string): Promise<string | undefined> {
  return readTextFile({ folder, name, maxBytes: maxFileBytes });
}
