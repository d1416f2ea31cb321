/** Metrics of benchmarks with given choices: the letter, or yes and no, found in what was said. */
import type { TextMetric } from './text-metrics.ts';

/**
 * The letter a model chose among `letters`, or null. Looked for in this order: the whole text is a letter, "answer is B",
 * a letter in brackets or bold, a letter at the start before a mark, and at last a letter standing alone.
 */
export function chosenLetter(text: string, letters = 'ABCDEFGHIJ'): string | null {
  const set = `[${letters}]`;
  const said = text.replaceAll(/<think>[\s\S]*?<\/think>/g, '').trim();
  const patterns = [
    `^\\(?(${set})\\)?[.:]?$`,
    `(?:answer|option|choice)(?: is|:)?\\s*(?:option\\s*)?[:*(\\s]*(${set})\\b`,
    `[(*](${set})[)*]`,
    `^(${set})[.:)]`,
    // "A dog" and "I see" begin sentences and choose nothing.
    `(?<![A-Za-z'])(?!A [a-z]|I['’ ][a-z])(${set})(?![A-Za-z'])`,
  ];
  for (const [place, pattern] of patterns.entries()) {
    // A small a is mostly an article, so only the earlier, surer forms take small letters.
    const found = new RegExp(pattern, place < 2 ? 'i' : '').exec(said);
    if (found) return found[1]!.toUpperCase();
  }
  return null;
}

/**
 * The letter chosen among choices whose texts are known: said as a letter, else the one choice whose text is said
 * (VLMEvalKit: vlmeval/utils/matching_util.py, `can_infer`). Null where nothing or several are said.
 */
function chosenChoice(text: string, choices: readonly string[]): string | null {
  const letters = 'ABCDEFGHIJ'.slice(0, choices.length || undefined);
  const letter = chosenLetter(text, letters);
  if (letter !== null) return letter;
  const said = text.toLowerCase();
  const named = choices.flatMap((choice, at) =>
    choice.trim() !== '' && said.includes(choice.trim().toLowerCase()) ? [letters[at]!] : [],
  );
  return named.length === 1 ? named[0]! : null;
}

/** MMMU, BLINK, RealWorldQA, MMLU, Video-MME …: the letters of prediction and answer are the same. */
export function scoreChoice(
  prediction: string,
  answers: readonly string[],
  choices: readonly string[] = [],
): number {
  const letter = chosenChoice(prediction, choices);
  const wanted = answers.map((answer) => answer.trim().toUpperCase());
  return letter !== null && wanted.includes(letter) ? 1 : 0;
}

/** Whether a text says yes or no first; null for neither. */
export function yesOrNo(text: string): 'yes' | 'no' | null {
  const found = /\b(yes|no|not)\b/i.exec(text);
  if (!found) return null;
  return found[1]!.toLowerCase() === 'yes' ? 'yes' : 'no';
}

/** POPE, MME: yes or no as asked. */
export const yesNo: TextMetric = (prediction, answers) => {
  const said = yesOrNo(prediction);
  return said !== null && answers.some((answer) => yesOrNo(answer) === said) ? 1 : 0;
};

export interface YesNoCounts {
  accuracy: number;
  precision: number;
  recall: number;
  f1: number;
  /** Share of questions answered with yes. */
  yesShare: number;
}

/** POPE's figures over a whole set, "yes" being the positive (Li et al. 2023, arXiv 2305.10355, section 4). */
export function countYesNo(
  pairs: readonly { said: 'yes' | 'no' | null; wanted: 'yes' | 'no' }[],
): YesNoCounts {
  const count = (said: 'yes' | 'no', wanted: 'yes' | 'no') =>
    pairs.filter((pair) => (pair.said ?? 'no') === said && pair.wanted === wanted).length;
  const [hits, falseYes, misses, rightNo] = [
    count('yes', 'yes'),
    count('yes', 'no'),
    count('no', 'yes'),
    count('no', 'no'),
  ];
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const precision = share(hits, hits + falseYes);
  const recall = share(hits, hits + misses);
  return {
    accuracy: share(hits + rightNo, pairs.length),
    precision,
    recall,
    f1: share(2 * precision * recall, precision + recall),
    yesShare: share(hits + falseYes, pairs.length),
  };
}

/**
 * MME's two figures in per cent, added up: of single questions, and of pictures whose two questions are both right
 * (Fu et al. 2023, arXiv 2306.13394, section 2.3).
 */
export function mmeScore(pictures: readonly { right: number; asked: number }[]): number {
  const asked = pictures.reduce((sum, picture) => sum + picture.asked, 0);
  const right = pictures.reduce((sum, picture) => sum + picture.right, 0);
  const whole = pictures.filter((picture) => picture.right === picture.asked).length;
  return asked === 0 ? 0 : 100 * (right / asked) + 100 * (whole / pictures.length);
}
