/** Drawing a box on a picture, by two points or by keys. All in shares of the picture. */
import type { Box } from '../../../preload/contract/attachments.ts';
import type { Point } from './view-transform.ts';

/** Smaller is a slip of the pointer, not a region. */
const leastShare = 0.01;
const step = 0.02;
const fineStep = 0.005;

export const boxInTheMiddle: Box = { x: 0.3, y: 0.3, width: 0.4, height: 0.4 };

/** The box between two opposite corners. */
export function boxBetween(a: Point, b: Point): Box {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

export function isRegion({ width, height }: Box): boolean {
  return width >= leastShare && height >= leastShare;
}

/**
 * Arrow keys move a box, with Shift they move its lower right corner, with Alt in finer steps. Null where the key means
 * nothing here.
 */
export function editBox(box: Box, key: string, how: { resize: boolean; fine: boolean }): Box | null {
  const by = how.fine ? fineStep : step;
  const shift = {
    ArrowLeft: { x: -by, y: 0 },
    ArrowRight: { x: by, y: 0 },
    ArrowUp: { x: 0, y: -by },
    ArrowDown: { x: 0, y: by },
  }[key];
  if (!shift) return null;
  if (how.resize) {
    return {
      ...box,
      width: clamp(box.width + shift.x, leastShare, 1 - box.x),
      height: clamp(box.height + shift.y, leastShare, 1 - box.y),
    };
  }
  return {
    ...box,
    x: clamp(box.x + shift.x, 0, 1 - box.width),
    y: clamp(box.y + shift.y, 0, 1 - box.height),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
