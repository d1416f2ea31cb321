/** Separates the `<think>` block that an answer begins with from what is said to the person, while it streams. */

export interface ThinkingSegment {
  type: 'thought' | 'text';
  text: string;
}

export interface ThinkingParser {
  /** What is certain after this piece; only what may still become one of the two tags is held back. */
  push(text: string): ThinkingSegment[];
  /** What was held back, as what it would have been. */
  flush(): ThinkingSegment[];
  /** Whether the block has begun and not ended. */
  readonly isOpen: boolean;
}

export interface SplitAnswer {
  /** Null where the answer begins with no block. */
  thought: string | null;
  /** The block has not ended: it is being written, or was cut off. */
  isOpen: boolean;
  /** Without white space in front where a block came before. */
  answer: string;
}

const opening = '<think>';
const closing = '</think>';

/**
 * Only a block at the very beginning counts: whoever asks about the tag is answered with the tag. Any split of an answer
 * gives the same thought and text in other pieces. Source of the format: the R1 system text of VLMEvalKit.
 */
export function createThinkingParser(): ThinkingParser {
  let state: 'before' | 'thought' | 'after' | 'text' = 'before';
  let held = '';

  function readOn(text: string): ThinkingSegment[] {
    const segments: ThinkingSegment[] = [];
    const say = (type: ThinkingSegment['type'], said: string) => {
      if (said !== '') segments.push({ type, text: said });
    };
    held += text;
    if (state === 'before') {
      const begun = held.trimStart();
      if (begun.startsWith(opening)) {
        state = 'thought';
        held = begun.slice(opening.length);
      } else if (!opening.startsWith(begun)) state = 'text';
    }
    if (state === 'thought') {
      const end = held.indexOf(closing);
      if (end >= 0) {
        say('thought', held.slice(0, end));
        held = held.slice(end + closing.length);
        state = 'after';
      } else {
        const sure = held.length - endThatMayBecome(held, closing);
        say('thought', held.slice(0, sure));
        held = held.slice(sure);
      }
    }
    if (state === 'after') {
      held = held.trimStart();
      if (held !== '') state = 'text';
    }
    if (state === 'text') {
      say('text', held);
      held = '';
    }
    return segments;
  }

  return {
    push: readOn,
    flush() {
      const rest = held;
      held = '';
      if (rest === '') return [];
      return [{ type: state === 'thought' ? 'thought' : 'text', text: rest }];
    },
    get isOpen() {
      return state === 'thought';
    },
  };
}

/** @param options.isGrowing more is coming: what may still become a tag is left out; default false */
export function splitThinking(text: string, options: { isGrowing?: boolean } = {}): SplitAnswer {
  const parser = createThinkingParser();
  const segments = [...parser.push(text), ...(options.isGrowing ? [] : parser.flush())];
  const join = (type: ThinkingSegment['type']) =>
    segments.map((segment) => (segment.type === type ? segment.text : '')).join('');
  const hasThought = text.trimStart().startsWith(opening);
  return { thought: hasThought ? join('thought') : null, isOpen: parser.isOpen, answer: join('text') };
}

/** How many characters at the end may be the beginning of the tag. */
function endThatMayBecome(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (tag.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
