/** Points and boxes as plain tuples, whatever they are measured in, and what is done to them alike everywhere. */

export type Point = readonly [x: number, y: number];

/** Two opposite corners. Edges, not pixel numbers: the first pixel of a picture alone is [0, 0, 1, 1]. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

export interface Size {
  width: number;
  height: number;
}

/** All of something of that size. */
export function boxOfSize({ width, height }: Size): Box {
  return [0, 0, width, height];
}

/** The same box with x1 ≤ x2 and y1 ≤ y2. */
export function orderBox([x1, y1, x2, y2]: Box): Box {
  return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
}

/** The part of an ordered box within ordered bounds; what lies beside them ends as a line or point on their edge. */
export function clipBox([x1, y1, x2, y2]: Box, bounds: Box): Box {
  return [...clipPoint([x1, y1], bounds), ...clipPoint([x2, y2], bounds)];
}

export function clipPoint([x, y]: Point, [left, top, right, bottom]: Box): Point {
  return [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
}

/** How far an edge may stick out of a pixel by rounding errors of floating point alone; every real part is larger. */
const edgeTolerance = 1e-6;

/** The smallest whole-numbered box around an ordered one. An edge that is whole but for a rounding error stays. */
export function coverBox([x1, y1, x2, y2]: Box): Box {
  return [
    Math.floor(x1 + edgeTolerance),
    Math.floor(y1 + edgeTolerance),
    Math.ceil(x2 - edgeTolerance),
    Math.ceil(y2 - edgeTolerance),
  ];
}
