/** Soft accuracy of VQA and TextVQA: an answer counts fully when three of ten people gave it. */
import type { TextMetric } from './text-metrics.ts';
import { normaliseAnswer } from './vqa-normalisation.ts';

/**
 * Leave-one-out mean of min(1, matching / 3) over the people asked, after the benchmark's own normalisation
 * (Goyal et al. 2017, arXiv 1612.00837; facebookresearch/mmf: mmf/utils/text.py, EvalAIAnswerProcessor).
 */
export const vqaAccuracy: TextMetric = (prediction, answers) => {
  const said = normaliseAnswer(prediction);
  const given = answers.map(normaliseAnswer);
  const scores = given.map((_, left) => {
    const matching = given.filter((answer, i) => i !== left && answer === said).length;
    return Math.min(1, matching / 3);
  });
  // A data set with fewer than four answers can't reach three others: there any match is right.
  if (given.length < 4) return given.includes(said) ? 1 : 0;
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
};
