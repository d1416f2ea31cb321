/** Turns sampled tokens into text as they come, never showing half a character. */
import type { Tokenizer } from './tokenizer.ts';

export interface StreamingDetokenizer {
  /** Text that this token completes; '' while a character is still missing bytes, and for control tokens. */
  push(id: number): string;
  /** What is left: U+FFFD where the last character never got complete. The detokenizer then starts afresh. */
  flush(): string;
}

/**
 * All pushes and the flush, joined, equal the UTF-8 of all tokens decoded at once, with U+FFFD for invalid bytes.
 * @param options.dropsFirstBlank leave out the one blank that a text of `marksFirstBlank` begins with; default false
 */
export function createStreamingDetokenizer(
  tokenizer: Pick<Tokenizer, 'tokenBytes'>,
  { dropsFirstBlank = false }: { dropsFirstBlank?: boolean } = {},
): StreamingDetokenizer {
  // A leading U+FEFF is a character of the answer like any other, as it is for the reference.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let isFirst = dropsFirstBlank;
  return {
    push(id) {
      const text = decoder.decode(tokenizer.tokenBytes(id), { stream: true });
      if (!isFirst || text === '') return text;
      isFirst = false;
      return text.replace(/^ /, '');
    },
    flush() {
      isFirst = dropsFirstBlank;
      return decoder.decode();
    },
  };
}
