/** Questions that are answered by pointing: RefCOCO asks for a box, ScreenSpot for a click. */
import { groundingQuestion, guiAgentSystemText } from '../../text/card-prompts.ts';
import type { Corners } from '../box-metrics.ts';
import type { Question } from './question.ts';
import type { Row } from './read-tsv.ts';

/** The family's own wording for boxes; for clicks its system text and VLMEvalKit's line (vlmeval/dataset/GUI/screenspot.py). */
export function placeQuestion(
  metric: 'boxIou' | 'pointInBox',
  phrase: string,
): Pick<Question, 'text' | 'systemText'> {
  if (metric === 'boxIou') return { text: groundingQuestion(phrase), systemText: null };
  return {
    text: `Please complete the following tasks by clicking using \`pyautogui.click\`:\n${phrase}`,
    systemText: guiAgentSystemText,
  };
}

type Place = Pick<Question, 'box' | 'boxUnit'>;

/** Where it is right to point; null where the row has no four numbers. */
export function placeOfRow(row: Row, metric: 'boxIou' | 'pointInBox'): Place | null {
  const columns = [row.bbox_x1, row.bbox_y1, row.bbox_x2, row.bbox_y2].map(Number) as unknown as Corners;
  if (row.bbox_x1 && columns.every(Number.isFinite)) return { box: columns, boxUnit: 'pixel' };
  const numbers = (row.bbox || row.answer || '').match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
  const [first, second, third, fourth] = numbers;
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) return null;
  return metric === 'pointInBox'
    ? screenPlace([first, second, third, fourth])
    : { box: [first, second, third, fourth], boxUnit: unitOf(numbers) };
}

/** ScreenSpot gives x, y, width and height in pixels; copies of it in shares of the picture give corners. */
export function screenPlace(numbers: Corners): Place {
  if (unitOf(numbers) === 'share') return { box: numbers, boxUnit: 'share' };
  const [x, y, width, height] = numbers;
  return { box: [x, y, x + width, y + height], boxUnit: 'pixel' };
}

/** No box of a benchmark is smaller than a pixel, and no share is above 1. */
function unitOf(numbers: readonly number[]): 'share' | 'pixel' {
  return numbers.every((number) => Math.abs(number) <= 1) ? 'share' : 'pixel';
}
