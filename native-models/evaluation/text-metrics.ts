/** Metrics of the card's document and chart benchmarks: a prediction against the answers of the data set, 0 to 1. */
import { editDistance } from './edit-distance.ts';

/** One question's score; `answers` are all that the data set accepts. */
export type TextMetric = (prediction: string, answers: readonly string[]) => number;

const anlsThreshold = 0.5;

/**
 * ANLS of DocVQA and InfoVQA: one minus the edit distance over the longer length, to the nearest answer; below 0.5 it
 * counts as nothing (Biten et al. 2019, arXiv 1905.13648, section 4.2).
 */
export const anls: TextMetric = (prediction, answers) => {
  const said = collapse(prediction);
  const best = Math.max(
    ...answers.map((answer) => {
      const wanted = collapse(answer);
      const longest = Math.max([...wanted].length, [...said].length);
      return longest === 0 ? 1 : 1 - editDistance(wanted, said) / longest;
    }),
  );
  return best < anlsThreshold ? 0 : best;
};

/** ChartQA: numbers may be off by 5 %, anything else must be equal (Masry et al. 2022, arXiv 2203.10244, section 5.1). */
export const relaxedAccuracy: TextMetric = (prediction, answers) =>
  answers.some((answer) => isRelaxedlyEqual(prediction.trim(), answer.trim())) ? 1 : 0;

function isRelaxedlyEqual(prediction: string, answer: string): boolean {
  const [said, wanted] = [numberOf(prediction), numberOf(answer)];
  // A true zero has no relative error; then the text decides.
  if (said !== null && wanted !== null && wanted !== 0)
    return Math.abs(said - wanted) / Math.abs(wanted) <= 0.05;
  return prediction.toLowerCase() === answer.toLowerCase();
}

/** `12.5 %` is 0.125, as in the benchmark's own code. */
function numberOf(text: string): number | null {
  const plain = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(%?)$/i.exec(text);
  if (!plain) return null;
  return plain[1] === '%' ? Number.parseFloat(text) / 100 : Number.parseFloat(text);
}

/** OCRBench and MTVQA: an accepted answer occurs in what was said (Liu et al. 2023, arXiv 2305.07895, section 3). */
export const containment: TextMetric = (prediction, answers) => {
  const said = oneLine(prediction);
  return answers.some((answer) => said.includes(oneLine(answer))) ? 1 : 0;
};

/** The same for formulae, where blanks mean nothing (OCRBench: HME100K). */
export const containmentWithoutBlanks: TextMetric = (prediction, answers) => {
  const bare = (text: string) => oneLine(text).replaceAll(' ', '');
  return answers.some((answer) => bare(prediction).includes(bare(answer))) ? 1 : 0;
};

/** Equal but for case and outer blanks. */
export const exactMatch: TextMetric = (prediction, answers) =>
  answers.some((answer) => collapse(answer) === collapse(prediction)) ? 1 : 0;

/** The very same text, as the embedded model's held-out set asks; outer blanks don't count. */
export const sameText: TextMetric = (prediction, answers) =>
  answers.some((answer) => answer.trim() === prediction.trim()) ? 1 : 0;

/** GSM8K: the last number said is the answer's number. */
export const lastNumber: TextMetric = (prediction, answers) => {
  const lastOf = (text: string) =>
    text
      .replaceAll(/(\d),(?=\d{3})/g, '$1')
      .match(/-?\d+(?:\.\d+)?/g)
      ?.at(-1);
  const said = lastOf(prediction);
  return said !== undefined && answers.some((answer) => Number(lastOf(answer)) === Number(said)) ? 1 : 0;
};

const accuracyLevels = Array.from({ length: 10 }, (_, i) => 0.5 + 0.05 * i);

/**
 * Mean relative accuracy of VSI-Bench: the share of levels 0.50 … 0.95 at which the relative error stays below
 * 1 − level (Yang et al. 2024, arXiv 2412.14171, section 3.3).
 */
export const meanRelativeAccuracy: TextMetric = (prediction, answers) => {
  const said = Number.parseFloat(/-?\d+(?:\.\d+)?/.exec(prediction.replaceAll(',', ''))?.[0] ?? '');
  if (Number.isNaN(said)) return 0;
  return Math.max(
    ...answers.map((answer) => {
      const wanted = Number.parseFloat(answer);
      const error = wanted === 0 ? (said === 0 ? 0 : 1) : Math.abs(said - wanted) / Math.abs(wanted);
      // Levels are sums of binary fractions; the margin keeps an error of exactly 5 % on its side.
      return accuracyLevels.filter((level) => error < 1 - level - 1e-9).length / accuracyLevels.length;
    }),
  );
};

function collapse(text: string): string {
  return text.trim().toLowerCase().split(/\s+/).join(' ');
}

function oneLine(text: string): string {
  return text.toLowerCase().trim().replaceAll('\n', ' ');
}
