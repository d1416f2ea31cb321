/**
 * Guesses the next tokens from what stands in the prompt or was said already: tables, quotations and forms repeat
 * themselves (prompt lookup, github.com/apoorvumang/prompt-lookup-decoding). Where guesses seldom come true none is made.
 */
import { createSourceCursor, type SourceCursor } from './source-cursor.ts';

export interface PromptLookup {
  /**
   * Tokens that may come next; none where guessing does not pay.
   * @param ids the prompt and all that was said since
   * @param most no more than this many
   */
  guess(ids: readonly number[], most: number): number[];
  /** How many tokens of the last guess came true. */
  learn(agreed: number): void;
}

/** What a guess has to know of tokens. */
export interface SpelledTokens {
  textOf(id: number): string;
  /** True for tokens that are not said, or end an answer: nothing from there on is worth a guess. */
  isUnsaid(id: number): boolean;
}

/** Longest guess: with the token before it 16 rows, which the kernels like. */
const mostGuessed = 15;
/**
 * What one more row costs a run, in runs of one row: 2, 4, 8 and 16 rows take 1.35, 1.6, 2.2 and 3.9 times as long
 * at the 1B shape in int4 (docs/speed.md). Not measured at run time, so that an answer never depends on the load.
 */
const costOfRow = 0.2;
/** Tokens in common are counted up to here: enough to reach from a value over its key to the key before. */
const mostLikeness = 8;
/** Tokens of a guess that come true before anything is known: by tokens in common (1, 2, 3, 4 and more), and of a copy. */
const expectedFirst = { 1: 1, 2: 2, 3: 4, 4: 6, copy: 4 };
type Kind = keyof typeof expectedFirst;
/** How far one guess moves what is expected of the next of its kind. */
const learning = 0.25;
/** After this many tokens without a guess one of two tokens is tried again. */
const retryAfter = 32;
/** Stands for everything copied, however long it is: behind a value comes what came behind the one before. */
const copied = -1;

/** @param prompt ids that the answer may copy from */
export function createPromptLookup(prompt: readonly number[], tokens: SpelledTokens): PromptLookup {
  const expected = { ...expectedFirst };
  let cursor: SourceCursor | null = null;
  /** The prompt and what was said, each thing copied as one `copied`. */
  const outline = [...prompt];
  let taken = prompt.length;
  let unguessed = 0;
  let last: { kind: Kind; length: number } = { kind: 1, length: 0 };

  function take(ids: readonly number[]): void {
    cursor ??= createSourceCursor(prompt, tokens);
    for (; taken < ids.length; taken++) {
      const isCopied = cursor.follow(ids[taken]!);
      if (!isCopied) outline.push(ids[taken]!);
      else if (outline.at(-1) !== copied) outline.push(copied);
    }
  }

  function candidate(): { kind: Kind; ids: number[] } | null {
    const rest = cursor!.rest(mostGuessed);
    if (rest.length > 0) return { kind: 'copy', ids: rest };
    const place = mostAlike(outline);
    if (!place) return null;
    const end = outline.indexOf(copied, place.next);
    const following = outline.slice(place.next, end < 0 ? place.next + mostGuessed : end);
    return { kind: Math.min(place.likeness, 4) as Kind, ids: following };
  }

  return {
    guess(ids, most) {
      take(ids);
      unguessed += 1;
      const found = candidate();
      if (!found) return [];
      const agreeing = expected[found.kind];
      const length = Math.min(mostGuessed, Math.ceil(2 * agreeing)); // good guesses grow
      const pays = agreeing >= 0.5 && agreeing >= costOfRow * length;
      if (!pays && unguessed <= retryAfter) return [];
      const guessed = found.ids.slice(0, Math.max(0, Math.min(most, pays ? length : 2)));
      const end = guessed.findIndex(tokens.isUnsaid);
      if (end >= 0) guessed.length = end;
      if (guessed.length > 0) unguessed = 0;
      last = { kind: found.kind, length: guessed.length };
      return guessed;
    },
    learn(agreed) {
      const { kind, length } = last;
      if (agreed === length && length < expected[kind]) return; // a short one that came true says nothing of longer ones
      expected[kind] += learning * (agreed - expected[kind]);
    },
  };
}

/** The place that shares most tokens with the end, the latest of equals; `next` is what followed there. */
function mostAlike(ids: readonly number[]): { next: number; likeness: number } | null {
  const last = ids.at(-1);
  let next = 0;
  let likeness = 0;
  for (let at = ids.length - 2; at >= 0 && likeness < mostLikeness; at--) {
    if (ids[at] !== last) continue;
    let common = 1;
    while (common < mostLikeness && common <= at && ids[at - common] === ids[ids.length - 1 - common])
      common++;
    if (common > likeness && (last !== copied || common > 1)) {
      next = at + 1;
      likeness = common;
    }
  }
  return likeness > 0 ? { next, likeness } : null;
}
