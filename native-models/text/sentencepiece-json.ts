/** tokenizer.json of a SentencePiece BPE: written as transformers converts InternLM2's, recognised when read. */
import { z } from 'zod';
import type { AddedToken, SentencePieceRules, TokenizerFiles } from './tokenizer-files.ts';

/** What stands for a blank inside a piece. */
export const blankMark = '▁';

const replaceBlank = z.object({
  type: z.literal('Replace'),
  pattern: z.object({ String: z.literal(' ') }),
  content: z.literal(blankMark),
});
const prependBlank = z.object({ type: z.literal('Prepend'), prepend: z.literal(blankMark) });
const stripEnds = z.object({
  type: z.literal('Strip'),
  strip_left: z.literal(true),
  strip_right: z.literal(true),
});
const squeeze = z.object({
  type: z.literal('Replace'),
  pattern: z.object({ Regex: z.literal(' {2,}') }),
  content: z.literal(' '),
});

/** The parts are compared, never run: how text is cut follows from which of them are there. */
const parts = z.object({
  normalizer: z.object({
    type: z.literal('Sequence'),
    normalizers: z.array(z.union([stripEnds, squeeze, prependBlank, replaceBlank])).max(4),
  }),
  pre_tokenizer: z.null(),
  post_processor: z.object({ type: z.literal('TemplateProcessing') }).nullish(),
  model: z.object({ type: z.literal('BPE'), byte_fallback: z.literal(true) }),
  added_tokens: z.array(z.object({ content: z.string(), normalized: z.boolean().default(false) })),
});

/** How such a file cuts text, or null for a tokenizer.json of another kind. */
export function readSentencePieceRules(json: unknown): SentencePieceRules | null {
  const parsed = parts.safeParse(json);
  if (!parsed.success) return null;
  const { normalizer, post_processor, added_tokens } = parsed.data;
  const has = (type: string) => normalizer.normalizers.some((part) => part.type === type);
  return {
    prefixesBlank: has('Prepend'),
    squeezesBlanks: has('Strip'),
    wholes: added_tokens.filter(({ normalized }) => normalized).map(({ content }) => content),
    beginsText: post_processor != null,
  };
}

/** The content of a tokenizer.json that finds `addedTokens` in text, and no others. */
export function buildSentencePieceJson(
  files: TokenizerFiles & { sentencePiece: SentencePieceRules },
  addedTokens: readonly AddedToken[],
) {
  const { prefixesBlank, squeezesBlanks, wholes, beginsText } = files.sentencePiece;
  const flags = { single_word: false, lstrip: false, rstrip: false };
  const replace = (from: object, to: string) => ({ type: 'Replace', pattern: from, content: to });
  const begin = files.addedTokens.find(({ content }) => content === beginContent);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      ...addedTokens.map((token) => ({ ...token, ...flags, normalized: false })),
      ...wholes.map((content) => ({
        id: files.vocabulary[content]!,
        content,
        special: false,
        ...flags,
        normalized: true,
      })),
    ],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        ...(squeezesBlanks
          ? [{ type: 'Strip', strip_left: true, strip_right: true }, replace({ Regex: ' {2,}' }, ' ')]
          : []),
        ...(prefixesBlank ? [{ type: 'Prepend', prepend: blankMark }] : []),
        replace({ String: ' ' }, blankMark),
      ],
    },
    pre_tokenizer: null,
    post_processor: beginsText && begin ? beginTemplate(begin) : null,
    decoder: {
      type: 'Sequence',
      decoders: [
        replace({ String: blankMark }, ' '),
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(prefixesBlank ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: { ...bpeOf(files), unk_token: null },
  };
}

/** Token in front of every text that such a model reads. */
export const beginContent = '<s>';

function beginTemplate({ id, content }: AddedToken) {
  const token = { SpecialToken: { id: content, type_id: 0 } };
  const text = (name: string) => ({ Sequence: { id: name, type_id: 0 } });
  return {
    type: 'TemplateProcessing',
    single: [token, text('A')],
    pair: [token, text('A'), text('B')],
    special_tokens: { [content]: { id: content, ids: [id], tokens: [content] } },
  };
}

/** The model alone: what an encoder needs of text that is already cut. */
export function bpeOf({ vocabulary, merges }: Pick<TokenizerFiles, 'vocabulary' | 'merges'>) {
  return {
    type: 'BPE',
    dropout: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: true,
    vocab: vocabulary,
    merges,
  };
}
