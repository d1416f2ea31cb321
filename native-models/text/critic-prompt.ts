/** How VisualPRM reads a solution: the question with its pictures and the first step, then a turn for each further step. */
import type { Message } from './chat-template.ts';

/**
 * What the critic says to a step. Source: `InternVLRewardModel` in modeling_internvl_chat.py of OpenGVLab/VisualPRM-8B
 * (`str2score`); so are the other forms of this file.
 */
export const approval = '+';
export const rejection = '-';

/** @returns the answer's steps, at least one: it is cut where a line is left blank */
export function splitSteps(answer: string): string[] {
  return answer.trim().split('\n\n');
}

interface TextPart {
  type: 'text';
  text: string;
}

/**
 * A conversation in which the critic has approved of every step but the last, which is its turn to judge. What it
 * would say at each of its turns is the step's score, so one pass over all of it gives them all.
 * @param question pictures and words as the model that answered read them
 * @param steps at least one
 * @param systemText the critic's own; null for none
 */
export function criticMessages<Part extends { type: string }>(
  question: readonly Part[],
  steps: readonly string[],
  systemText: string | null,
): { role: Message['role']; parts: (Part | TextPart)[] }[] {
  const text = (words: string): TextPart => ({ type: 'text', text: words });
  const [first = '', ...further] = steps;
  return [
    ...(systemText === null ? [] : [{ role: 'system' as const, parts: [text(systemText)] }]),
    {
      role: 'user',
      parts: [text('### Question:\n'), ...question, text(`\n\n### Solution Process:\n${first}`)],
    },
    ...further.flatMap((step) => [
      { role: 'assistant' as const, parts: [text(approval)] },
      { role: 'user' as const, parts: [text(step)] },
    ]),
  ];
}

/** A solution's score: the mean over its steps, as `select_best_response` takes it with soft scores. */
export function solutionScore(stepScores: readonly number[]): number {
  return stepScores.reduce((sum, score) => sum + score, 0) / stepScores.length;
}
