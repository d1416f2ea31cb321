/**
 * Follows where in the prompt an answer copies from. Values move from a table's cells into JSON in their order, only
 * with other marks between them and, at their beginning, in other tokens of the same word.
 */
import type { SpelledTokens } from './prompt-lookup.ts';

export interface SourceCursor {
  /** Takes the answer's next token; true where it belongs to something copied. */
  follow(id: number): boolean;
  /** What follows in the prompt where the last token was copied: to the end of a cell, or beyond it where marks are copied too. */
  rest(most: number): number[];
}

/** The next value is looked for this far ahead: a table's row that is told in part, not the next chapter. */
const tokensAhead = 32;
/** Between cells, keys and lines. */
const mark = /[|\n\t,;"<>{}]/;
const letterOrDigit = /[\p{L}\p{N}]/u;

export function createSourceCursor(prompt: readonly number[], { textOf }: SpelledTokens): SourceCursor {
  const words = new Map<number, string>();
  const wordOf = (id: number) => {
    const known = words.get(id);
    if (known !== undefined) return known;
    const word = textOf(id).trim();
    words.set(id, word);
    return word;
  };
  const isMark = (id: number) => mark.test(textOf(id));
  const places = new Map<string, number[]>();
  for (const [at, id] of prompt.entries()) {
    const word = wordOf(id);
    const found = places.get(word);
    if (found) found.push(at);
    else places.set(word, [at]);
  }
  /** The last token copied, as an index of the prompt; −1 before any was. */
  let cursor = -1;
  let isCopying = false;
  let copiesMarks = false;

  /** The next place that the word may be copied from, or −1. */
  function placeOf(word: string): number {
    const all = places.get(word) ?? [];
    if (cursor >= 0) {
      if (cursor + 1 < prompt.length && wordOf(prompt[cursor + 1]!) === word) return cursor + 1;
      const ahead = all.find((at) => at > cursor);
      const isNear = ahead !== undefined && ahead < cursor + tokensAhead;
      if (isNear && letterOrDigit.test(word)) return ahead;
    }
    // A word that stands in the prompt once shows the way; a single letter or digit does not.
    const isTelling = all.length === 1 && all[0]! > cursor && word.length > 1 && letterOrDigit.test(word);
    return isTelling ? all[0]! : -1;
  }

  return {
    follow(id) {
      const word = wordOf(id);
      const at = placeOf(word);
      isCopying = at >= 0;
      if (!isCopying) {
        copiesMarks = false;
        return false;
      }
      copiesMarks = at === cursor + 1 && (copiesMarks || (isMark(id) && prompt[at] === id));
      cursor = at;
      return !isMark(id) || letterOrDigit.test(word);
    },
    rest(most) {
      const following: number[] = [];
      for (let at = cursor + 1; isCopying && at < prompt.length && following.length < most; at++) {
        if (!copiesMarks && isMark(prompt[at]!)) break;
        following.push(prompt[at]!);
      }
      return following;
    },
  };
}
