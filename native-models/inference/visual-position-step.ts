/** V2PE (arXiv 2412.09616): how far a visual token moves the position, chosen so that a prompt fits the trained positions. */
import { AppError } from '../../preload/contract/errors.ts';
import type { Prompt } from '../text/prompt.ts';

/** The steps the paper trains with: 1, 1/2 … 1/256. */
export const visualPositionSteps = [
  1,
  1 / 2,
  1 / 4,
  1 / 8,
  1 / 16,
  1 / 32,
  1 / 64,
  1 / 128,
  1 / 256,
] as const;

export interface PositionBudget {
  /** The δ that visual tokens are placed with. */
  step: number;
  /** Positions left for the answer, at least 1. */
  left: number;
}

/**
 * Chooses δ. `auto` stays at 1 wherever the prompt fits with it, since released checkpoints are made for that; else it
 * takes the largest that leaves `answerRoom` positions, or where none does, the largest that leaves one.
 * @param context.length positions the model was trained for
 * @throws AppError `context_too_long` with the numbers
 */
export function choosePositionStep(
  prompt: Prompt,
  wish: number | 'auto',
  context: { length: number; answerRoom: number },
): PositionBudget {
  const leftWith = (step: number) => Math.floor(context.length - positionsOf(prompt, step));
  const steps = wish === 'auto' ? visualPositionSteps : [wish];
  const [first = 1, ...smaller] = steps;
  const roomy = smaller.find((step) => leftWith(step) >= context.answerRoom);
  const step = leftWith(first) >= 1 ? first : (roomy ?? smaller.find((each) => leftWith(each) >= 1));
  if (step === undefined) throw promptTooLong(prompt.ids.length, context.length);
  return { step, left: leftWith(step) };
}

/** Where the answer's first token will stand: the last position of the prompt and 1. */
function positionsOf(prompt: Prompt, step: number): number {
  const visual = prompt.slots.reduce((sum, slot) => sum + slot.length, 0);
  return prompt.ids.length - visual + visual * step;
}

/** The refusal of a prompt, with both numbers. */
export function promptTooLong(promptTokens: number, contextLength: number): AppError {
  return new AppError(
    'context_too_long',
    `The question needs ${promptTokens} tokens, the model's context holds ${contextLength}. Use fewer or smaller pictures, or a shorter text.`,
  );
}
