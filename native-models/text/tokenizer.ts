/** Text to token ids and ids to bytes. What structures a prompt never comes out of a person's text. */
import { Tokenizer as BytePairEncoder } from '@huggingface/tokenizers';
import { bytesOfPiece, bytesOfToken } from './byte-alphabet.ts';
import { createSentencePieceEncoder } from './sentencepiece-encoder.ts';
import { beginContent } from './sentencepiece-json.ts';
import { type AddedToken, readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.ts';
import { buildTokenizerJson, unsupported } from './tokenizer-json.ts';

/** The tokens that a prompt is built with, by what they do. */
const controlContents = {
  endOfText: '<|endoftext|>',
  imStart: '<|im_start|>',
  imEnd: '<|im_end|>',
  img: '<img>',
  imgEnd: '</img>',
  imgContext: '<IMG_CONTEXT>',
} as const;

/** What ends a text where the vocabulary is SentencePiece's. */
const sentencePieceContents = { ...controlContents, endOfText: '</s>' };

/** Checkpoints mark these special too, but the grounding prompt is written with them by hand, and answers hold them. */
const groundingContents = new Set(['<ref>', '</ref>', '<box>', '</box>', '<quad>', '</quad>']);

export type ControlToken = keyof typeof controlContents;

export interface Tokenizer {
  /**
   * Ids of a stretch of text, as transformers gives them, but without control tokens: there their characters are
   * text like any other. `<ref> <box> <quad>` and added tokens that are not special keep their ids.
   */
  encodeText(text: string): number[];
  /** Ids that every prompt begins with: none, or `<s>`. */
  readonly promptStart: readonly number[];
  /** Every text is read with a blank in front, so an answer's first word brings one that nobody wrote. */
  readonly marksFirstBlank: boolean;
  readonly control: Readonly<Record<ControlToken, number>>;
  /** An answer ends before the first of these. */
  readonly stopIds: readonly number[];
  /** Highest id with an entry, plus one. A model may have more rows than that. */
  readonly vocabularySize: number;
  hasEntry(id: number): boolean;
  /** The tokens of `control`, and every other added token that the checkpoint marks special except grounding's. */
  isControl(id: number): boolean;
  /** What a token adds to a text, in UTF-8 that may begin or end inside a character; empty for control tokens and ids without entry. */
  tokenBytes(id: number): Uint8Array;
}

/** Opens the tokenizer of a checkpoint or a model folder; errors as `readTokenizerFiles` and `createTokenizer`. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  return createTokenizer(await readTokenizerFiles(folder));
}

/** @throws AppError `checkpoint_unsupported` naming the control tokens that the files lack */
export function createTokenizer(files: TokenizerFiles): Tokenizer {
  const control = findControlTokens(files);
  const controlIds = new Set<number>(Object.values(control));
  for (const token of files.addedTokens) {
    if (token.special && !groundingContents.has(token.content)) controlIds.add(token.id);
  }
  const typeable = files.addedTokens.filter((token) => !controlIds.has(token.id));
  const { sentencePiece } = files;
  const spell = sentencePiece ? bytesOfPiece : bytesOfToken;
  const added = new Map(files.addedTokens.map((token) => [token.id, token.content]));
  const spelled = tokensById(files.vocabulary);
  return {
    encodeText: sentencePiece
      ? createSentencePieceEncoder({ ...files, sentencePiece }, typeable)
      : createByteLevelEncoder(files, typeable),
    promptStart: promptStartOf(files),
    marksFirstBlank: sentencePiece?.prefixesBlank ?? false,
    control,
    stopIds: [control.imEnd, control.endOfText],
    vocabularySize: Math.max(spelled.length, ...files.addedTokens.map((token) => token.id + 1)),
    hasEntry: (id) => added.has(id) || spelled[id] !== undefined,
    isControl: (id) => controlIds.has(id),
    tokenBytes(id) {
      if (controlIds.has(id)) return new Uint8Array(0);
      const content = added.get(id);
      return content === undefined ? spell(spelled[id] ?? '') : new TextEncoder().encode(content);
    },
  };
}

/** The encoder knows only added tokens that may be typed, so it has no id to give for the others. */
function createByteLevelEncoder(
  files: TokenizerFiles,
  typeable: readonly AddedToken[],
): Tokenizer['encodeText'] {
  const encoder = new BytePairEncoder(buildTokenizerJson(files, typeable), {});
  return (text) => encoder.encode(text).ids;
}

/** @throws AppError `checkpoint_unsupported` where a text should begin with a token that is not there */
function promptStartOf({ addedTokens, sentencePiece }: TokenizerFiles): number[] {
  if (!sentencePiece?.beginsText) return [];
  const begin = addedTokens.find(({ content }) => content === beginContent);
  if (!begin) throw unsupported(`its tokenizer lacks ${beginContent}`);
  return [begin.id];
}

function findControlTokens(files: TokenizerFiles): Record<ControlToken, number> {
  const contents = files.sentencePiece ? sentencePieceContents : controlContents;
  const idOf = new Map(files.addedTokens.map((token) => [token.content, token.id]));
  const missing = Object.values(contents).filter((content) => !idOf.has(content));
  if (missing.length > 0) throw unsupported(`its tokenizer lacks ${missing.join(', ')}`);
  const idOfControl = (name: ControlToken) => idOf.get(contents[name])!;
  return {
    endOfText: idOfControl('endOfText'),
    imStart: idOfControl('imStart'),
    imEnd: idOfControl('imEnd'),
    img: idOfControl('img'),
    imgEnd: idOfControl('imgEnd'),
    imgContext: idOfControl('imgContext'),
  };
}

function tokensById(vocabulary: Record<string, number>): (string | undefined)[] {
  const tokens: (string | undefined)[] = [];
  for (const token in vocabulary) tokens[vocabulary[token]!] = token;
  return tokens;
}
