/** The box between two corners, whichever way it was drawn, as shares of the whole. */

interface Point {
  x: number;
  y: number;
}

/** Below this many pixels a drag was a click. */
const clickPixels = 4;

export function boxBetween(from: Point, to: Point, whole: { width: number; height: number }) {
  const share = (value: number, size: number) => Math.min(1, Math.max(0, value / size));
  const [left, right] = [
    share(Math.min(from.x, to.x), whole.width),
    share(Math.max(from.x, to.x), whole.width),
  ];
  const [top, bottom] = [
    share(Math.min(from.y, to.y), whole.height),
    share(Math.max(from.y, to.y), whole.height),
  ];
  const isClick = Math.abs(from.x - to.x) < clickPixels || Math.abs(from.y - to.y) < clickPixels;
  return { x: left, y: top, width: isClick ? 0 : right - left, height: isClick ? 0 : bottom - top };
}
