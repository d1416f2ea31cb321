/** What a worked-out answer comes to, in a form in which equal answers are equal texts: for a vote among several. */
import { splitThinking } from './thinking-parser.ts';

/**
 * The last `\boxed{…}`, else what follows the last "Final answer:", else the choice that a short answer begins with,
 * else all of it; without case, marks and spaces around. Sources: the suffixes of VLMEvalKit's prompts for InternVL.
 */
export function finalAnswer(text: string): string {
  const { answer } = splitThinking(text);
  return plain(lastBoxed(answer) ?? afterFinalAnswer(answer) ?? choiceLetter(answer) ?? answer);
}

/** Braces are counted, since formulae have their own. */
function lastBoxed(text: string): string | null {
  const mark = '\\boxed{';
  const start = text.lastIndexOf(mark);
  if (start < 0) return null;
  const from = start + mark.length;
  for (let at = from, depth = 1; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}') depth--;
    if (depth === 0) return text.slice(from, at);
  }
  return null;
}

function afterFinalAnswer(text: string): string | null {
  const found = [...text.matchAll(/final answer\W{0,4}:\W{0,4}([^\n]+)/gi)].at(-1);
  return found?.[1] ?? null;
}

/** "B", "B.", "(B)" or "B. The second one". */
function choiceLetter(text: string): string | null {
  return /^\s*\(?([A-Ja-j])\)?(?:[.:)]|\s*$)/.exec(text)?.[1] ?? null;
}

function plain(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[*_`$]/g, '')
    .replaceAll(/\s+/g, ' ');
  const bare = words.trim().replaceAll(/^["'“”‘’(]+|["'“”‘’).,;:!?。，！？]+$/gu, '');
  const isNumber = /^[+-]?\d[\d,]*(?:\.\d+)?$/.test(bare);
  return isNumber ? `${Number(bare.replaceAll(',', ''))}` : bare;
}
