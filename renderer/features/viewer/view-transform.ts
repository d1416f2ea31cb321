/** Zoom and pan: how a picture lies in its viewport. Pixels of the picture times `scale`, then shifted by `x`, `y`. */

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface ViewTransform extends Point {
  scale: number;
}

const margin = 16;
/** A small picture is enlarged to fit, but no more than this. */
const largestFit = 4;

/** The whole picture in the middle, as large as it goes. */
export function fitTransform(picture: Size, viewport: Size): ViewTransform {
  const room = {
    width: Math.max(1, viewport.width - 2 * margin),
    height: Math.max(1, viewport.height - 2 * margin),
  };
  const scale = Math.min(room.width / picture.width, room.height / picture.height, largestFit);
  return centre({ scale, x: 0, y: 0 }, picture, viewport);
}

/** Keeps the point of the picture under `at` (viewport pixels) where it is. */
export function zoomAt(
  view: ViewTransform,
  at: Point,
  { factor, picture, viewport }: { factor: number; picture: Size; viewport: Size },
): ViewTransform {
  const fit = fitTransform(picture, viewport).scale;
  const scale = clamp(view.scale * factor, Math.min(fit, 1), Math.max(8, fit * 8));
  const ratio = scale / view.scale;
  const moved = {
    scale,
    x: at.x - (at.x - view.x) * ratio,
    y: at.y - (at.y - view.y) * ratio,
  };
  return keepInside(moved, picture, viewport);
}

export function panBy(
  view: ViewTransform,
  by: Point,
  { picture, viewport }: { picture: Size; viewport: Size },
): ViewTransform {
  return keepInside({ ...view, x: view.x + by.x, y: view.y + by.y }, picture, viewport);
}

/** What is smaller than the viewport lies in its middle; what is larger leaves no gap. */
function keepInside(view: ViewTransform, picture: Size, viewport: Size): ViewTransform {
  const middle = centre(view, picture, viewport);
  const width = picture.width * view.scale;
  const height = picture.height * view.scale;
  return {
    scale: view.scale,
    x: width <= viewport.width ? middle.x : clamp(view.x, viewport.width - width - margin, margin),
    y: height <= viewport.height ? middle.y : clamp(view.y, viewport.height - height - margin, margin),
  };
}

/** A point of the viewport as shares of the picture's width and height, kept on the picture. */
export function toShare(at: Point, view: ViewTransform, picture: Size): Point {
  return {
    x: clamp((at.x - view.x) / (picture.width * view.scale), 0, 1),
    y: clamp((at.y - view.y) / (picture.height * view.scale), 0, 1),
  };
}

/**
 * A view apart from sizes, so that two pictures can share it and a resized window keeps it: `zoom` is a multiple of the
 * fitting scale, `x` and `y` are the shares of the picture in the middle of the viewport.
 */
export interface Look extends Point {
  zoom: number;
}

export function toLook(view: ViewTransform, picture: Size, viewport: Size): Look {
  return {
    zoom: view.scale / fitTransform(picture, viewport).scale,
    x: (viewport.width / 2 - view.x) / (picture.width * view.scale),
    y: (viewport.height / 2 - view.y) / (picture.height * view.scale),
  };
}

/** @param look null: the whole picture */
export function fromLook(look: Look | null, picture: Size, viewport: Size): ViewTransform {
  const fit = fitTransform(picture, viewport);
  if (look === null) return fit;
  const scale = fit.scale * look.zoom;
  const x = viewport.width / 2 - look.x * picture.width * scale;
  const y = viewport.height / 2 - look.y * picture.height * scale;
  return keepInside({ scale, x, y }, picture, viewport);
}

/** The part of the picture that the viewport shows, as shares. */
export function visibleBox(view: ViewTransform, picture: Size, viewport: Size) {
  const from = toShare({ x: 0, y: 0 }, view, picture);
  const to = toShare({ x: viewport.width, y: viewport.height }, view, picture);
  return { x: from.x, y: from.y, width: to.x - from.x, height: to.y - from.y };
}

function centre(view: ViewTransform, picture: Size, viewport: Size): ViewTransform {
  return {
    scale: view.scale,
    x: (viewport.width - picture.width * view.scale) / 2,
    y: (viewport.height - picture.height * view.scale) / 2,
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
