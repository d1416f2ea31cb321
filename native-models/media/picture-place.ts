/** Where a picture's pixels came from: a file, a page, a moment of a film, or a part of any of these. */
import { AppError } from '../../preload/contract/errors.ts';
import type { Box, Point, Size } from './box.ts';

/** Plain data throughout, so it can be stored, sent to another process and compared. */
export type PicturePlace = WholePlace | Region;

/** A picture that was not cut from another one. `width` and `height` are its pixels as shown, that is upright. */
export type WholePlace = FilePlace | PagePlace | FramePlace;

/** EXIF's eight ways of storing a picture; 1 is upright, 5 to 8 exchange width and height. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export interface FilePlace extends Size {
  kind: 'file';
  orientation: Orientation;
  /** Which page of a TIFF or frame of an animation with several, counted from 1; absent for other files. */
  page?: number;
}

export interface PagePlace extends Size {
  kind: 'page';
  /** Counted from 1. */
  page: number;
  /** The page as shown, turned and cropped, in points of 1/72 inch. */
  widthPoints: number;
  heightPoints: number;
  /** How far the file turns the page clockwise; already in its size and picture. */
  rotationDegrees: 0 | 90 | 180 | 270;
  /** Lower left corner of the crop box in the file's own coordinates, in points; absent for 0, 0. */
  cropOrigin?: Point;
}

export interface FramePlace extends Size {
  kind: 'frame';
  /** From the start of the film. */
  timeMs: number;
}

/** A part of another picture, and a picture of its own. */
export interface Region extends Size {
  kind: 'region';
  parent: PicturePlace;
  /** What was cut out, in whole pixels of the parent. `width` and `height` differ where it was drawn anew, as a page is. */
  crop: Box;
}

/**
 * @param file.stored pixels as stored, before turning upright
 * @param file.orientation as EXIF tells; what is not 1 to 8 counts as upright, as decoders take it
 * @throws AppError `invalid_request` for sizes that are no positive whole numbers
 */
export function placeOfFile(file: { stored: Size; orientation?: number; page?: number }): FilePlace {
  const { stored, page } = file;
  const orientation = isOrientation(file.orientation) ? file.orientation : 1;
  const upright = orientation > 4 ? exchangeSides(stored) : stored;
  return {
    kind: 'file',
    ...checkPixels(upright),
    orientation,
    ...(page !== undefined && { page: checkPage(page) }),
  };
}

/**
 * @param picture size the page was drawn at; it need not have the page's aspect ratio
 * @throws AppError `invalid_request` for sizes and page numbers that make no sense
 */
export function placeOfPage(picture: Size, page: Omit<PagePlace, 'kind' | keyof Size>): PagePlace {
  checkPage(page.page);
  if (!isLength(page.widthPoints) || !isLength(page.heightPoints)) {
    throw new AppError(
      'invalid_request',
      `A page can't measure ${page.widthPoints} × ${page.heightPoints} points.`,
    );
  }
  if (![0, 90, 180, 270].includes(page.rotationDegrees)) {
    throw new AppError('invalid_request', `A page can't be turned by ${page.rotationDegrees} degrees.`);
  }
  const { widthPoints, heightPoints, rotationDegrees, cropOrigin } = page;
  return {
    kind: 'page',
    ...checkPixels(picture),
    page: page.page,
    widthPoints,
    heightPoints,
    rotationDegrees,
    ...(cropOrigin && { cropOrigin }),
  };
}

/** @throws AppError `invalid_request` for sizes that are no positive whole numbers, and times before the start */
export function placeOfFrame(picture: Size, timeMs: number): FramePlace {
  if (!(Number.isFinite(timeMs) && timeMs >= 0)) {
    throw new AppError('invalid_request', `A film has no frame at ${timeMs} ms.`);
  }
  return { kind: 'frame', ...checkPixels(picture), timeMs };
}

/** Pixels as stored in the file. */
export function storedSize(place: FilePlace): Size {
  return place.orientation > 4 ? exchangeSides(place) : { width: place.width, height: place.height };
}

function exchangeSides({ width, height }: Size): Size {
  return { width: height, height: width };
}

function isOrientation(value: number | undefined): value is Orientation {
  return Number.isInteger(value) && value! >= 1 && value! <= 8;
}

function isLength(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}

function checkPage(page: number): number {
  if (Number.isInteger(page) && page >= 1) return page;
  throw new AppError('invalid_request', `Pages are counted 1, 2, 3 …, so there is no page ${page}.`);
}

/** Also picks the two out of whatever object they came in. */
export function checkPixels({ width, height }: Size): Size {
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)
    return { width, height };
  throw new AppError('invalid_request', `A picture can't have ${width} × ${height} pixels.`);
}
