/** Text to ids as SentencePiece cuts it: blanks marked, wholes kept, the rest joined by the BPE, unknown characters byte by byte. */
import { Tokenizer as BytePairEncoder } from '@huggingface/tokenizers';
import { blankMark, bpeOf } from './sentencepiece-json.ts';
import type { AddedToken, SentencePieceRules, TokenizerFiles } from './tokenizer-files.ts';

/**
 * Encodes a stretch of text as transformers' tokenizer does around SentencePiece: what lies between two added tokens
 * is a text of its own, with its own blank in front.
 * @param typeable added tokens that are found in text
 */
export function createSentencePieceEncoder(
  files: TokenizerFiles & { sentencePiece: SentencePieceRules },
  typeable: readonly AddedToken[],
): (text: string) => number[] {
  const { sentencePiece, vocabulary } = files;
  const idOfAdded = new Map(typeable.map(({ content, id }) => [content, id]));
  const atAdded = splitterAt([...idOfAdded.keys()]);
  const wholes = new Set(sentencePiece.wholes);
  const atWholes = splitterAt(sentencePiece.wholes);
  const encoder = new BytePairEncoder(bareJson(files), {});
  const encodeMarked = (marked: string) =>
    atWholes(marked).flatMap((part) => (wholes.has(part) ? [vocabulary[part]!] : encoder.encode(part).ids));
  return (text) =>
    atAdded(text).flatMap((part) => {
      const id = idOfAdded.get(part);
      return id === undefined ? encodeMarked(markBlanks(part, sentencePiece)) : [id];
    });
}

/** The normaliser of a model without character rules: blanks only. */
function markBlanks(text: string, { prefixesBlank, squeezesBlanks }: SentencePieceRules): string {
  const squeezed = squeezesBlanks ? text.replace(/^ +| +$/g, '').replace(/ {2,}/g, ' ') : text;
  if (squeezed === '') return '';
  return (prefixesBlank ? blankMark : '') + squeezed.replaceAll(' ', blankMark);
}

/** Cuts a text at these tokens, the longest first where several begin at one place; the tokens are parts of their own. */
function splitterAt(tokens: readonly string[]): (text: string) => string[] {
  if (tokens.length === 0) return (text) => (text === '' ? [] : [text]);
  const longestFirst = tokens.toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(`(${longestFirst.map(RegExp.escape).join('|')})`, 'u');
  return (text) => text.split(pattern).filter((part) => part !== '');
}

/** Neither normaliser nor added tokens: both are done before. */
function bareJson(files: TokenizerFiles) {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { ...bpeOf(files), unk_token: null },
  };
}
