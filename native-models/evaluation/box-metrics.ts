/** Metrics of grounding: a box against a box, a click against a box. */

/** x1 y1 x2 y2, in any one unit. */
export type Corners = readonly [number, number, number, number];

/** Intersection over union, 0 to 1. Corners may come in any order. */
export function intersectionOverUnion(left: Corners, right: Corners): number {
  const [a, b] = [sorted(left), sorted(right)];
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const common = width * height;
  const union = area(a) + area(b) - common;
  return union <= 0 ? 0 : common / union;
}

/** RefCOCO: right when the boxes overlap by half (Yu et al. 2016, arXiv 1608.00272). */
export function isGrounded(predicted: Corners | null, wanted: Corners): boolean {
  return predicted !== null && intersectionOverUnion(predicted, wanted) >= 0.5;
}

/** ScreenSpot: right when the click lands in the box, edges included (Cheng et al. 2024, arXiv 2401.10935). */
export function isPointInBox(point: readonly [number, number] | null, box: Corners): boolean {
  if (point === null) return false;
  const [x1, y1, x2, y2] = sorted(box);
  return point[0] >= x1 && point[0] <= x2 && point[1] >= y1 && point[1] <= y2;
}

function sorted([x1, y1, x2, y2]: Corners): Corners {
  return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
}

function area([x1, y1, x2, y2]: Corners): number {
  return (x2 - x1) * (y2 - y1);
}
