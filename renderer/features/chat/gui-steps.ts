/** The steps of a GUI agent in an answer: what is said around them, and where on the screenshot each lies. Pure. */
import {
  createGuiActionParser,
  type GuiAction,
  type GuiStep,
} from '../../../native-models/text/gui-action-parser.ts';
import type { Box } from '../../../preload/contract/attachments.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';

/** Shares of the whole picture. */
export interface Spot {
  x: number;
  y: number;
}

export interface ShownStep {
  /** One name on the page, `<answer>-step-<number>`. */
  id: string;
  number: number;
  step: GuiStep;
  /** Where it ends; null for a step without a place. */
  spot: Spot | null;
  /** Where it begins: of a drag the step before, of a swipe its start. */
  from: Spot | null;
}

export interface StepsInAnswer {
  /** What the agent says besides. */
  text: string;
  steps: readonly ShownStep[];
}

/**
 * @param answer.isGrowing a step that is not whole yet is held back
 * @param cut the region that was asked about: its places are told as shares of the whole picture again
 */
export function readGuiSteps(
  answer: { id: MessageId; text: string; isGrowing: boolean },
  cut: Box | null,
): StepsInAnswer {
  const parser = createGuiActionParser();
  const segments = [...parser.push(answer.text), ...(answer.isGrowing ? [] : parser.flush())];
  const actions = segments.filter((segment): segment is GuiAction => segment.type === 'action');
  const words = segments.map((segment) => (segment.type === 'text' ? segment.text : '')).join('');
  let pointer: Spot | null = null;
  const steps = actions.map(({ step }, at): ShownStep => {
    const { from, to } = placesOf(step, pointer);
    const shown = {
      id: `${answer.id}-step-${at + 1}`,
      number: at + 1,
      step,
      spot: to && withinCut(to, cut),
      from: from && withinCut(from, cut),
    };
    pointer = to ?? pointer;
    return shown;
  });
  return { text: steps.length > 0 ? withoutEmptyFences(words) : words, steps };
}

function placesOf(step: GuiStep, pointer: Spot | null): { from: Spot | null; to: Spot | null } {
  if (step.action === 'swipe') return { from: spotOf(step.from), to: spotOf(step.to) };
  if (step.action === 'drag') return { from: pointer, to: spotOf(step.to) };
  if ('to' in step) return { from: null, to: spotOf(step.to) };
  return { from: null, to: 'at' in step ? spotOf(step.at) : null };
}

function spotOf(point: readonly [number, number] | null): Spot | null {
  return point && { x: point[0], y: point[1] };
}

function withinCut({ x, y }: Spot, cut: Box | null): Spot {
  return cut ? { x: cut.x + x * cut.width, y: cut.y + y * cut.height } : { x, y };
}

/** Agents like to put their calls between fences, of which nothing is left but the fences. */
function withoutEmptyFences(text: string): string {
  return text.replaceAll(/^ {0,3}(```|~~~)\w*\s*\n?\s*\1\s*$/gm, '').replaceAll(/\n{3,}/g, '\n\n');
}

/** Steps for other programs, with places in shares of the screenshot. */
export function stepsAsJson(steps: readonly ShownStep[]): string {
  return JSON.stringify(
    steps.map(({ step }) => step),
    null,
    2,
  );
}
