/** Pictures put into the engine ahead of the questions that name them. */
import { AppError } from '../../preload/contract/errors.ts';
import type { PictureTiles } from '../media/tiles.ts';
import type { BytePiece } from './byte-pieces.ts';
import { createByteShelf, type ShelfLimits } from './byte-shelf.ts';

/** Everything about a picture's tiles but their pixels. */
export type PictureHeader = Omit<PictureTiles, 'pixels'>;

export interface PictureShelf {
  /**
   * Adds a piece of pixels; one at offset 0 begins the picture anew.
   * @throws AppError `media_too_large` over the limits, `invalid_request` when header or pieces contradict each other
   */
  put(pictureId: string, header: PictureHeader, piece: BytePiece): void;
  /** @throws AppError `not_found` for a picture that was never put, not put whole, or dropped */
  get(pictureId: string): PictureTiles;
  drop(pictureId: string): void;
}

/** @param limits default: 64 pictures, 512 MiB of tiles */
export function createPictureShelf(
  limits: ShelfLimits = { entries: 64, bytes: 512 * 1024 * 1024 },
): PictureShelf {
  const headers = new Map<string, PictureHeader>();
  const shelf = createByteShelf(limits);
  return {
    put(pictureId, header, piece) {
      checkGrid(header);
      shelf.put(pictureId, pixelBytesOf(header), piece);
      if (piece.offset === 0) headers.set(pictureId, header);
    },
    get(pictureId) {
      const header = headers.get(pictureId);
      const pixels = shelf.get(pictureId);
      if (!header || !pixels)
        throw new AppError('not_found', 'The question names a picture that was not sent.');
      return { ...header, pixels };
    },
    drop(pictureId) {
      headers.delete(pictureId);
      shelf.drop(pictureId);
    },
  };
}

/** Size of a picture's tiles: uint8 [tiles, S, S, 3]; of one that was not cut, its own. */
export function pixelBytesOf({ tileCount, tileSize, whole }: PictureHeader): number {
  return whole?.sizeBytes ?? tileCount * tileSize ** 2 * 3;
}

function checkGrid({ columns, rows, thumbnail, tileCount }: PictureHeader): void {
  const makes = columns * rows + (thumbnail ? 1 : 0);
  if (makes === tileCount) return;
  throw new AppError(
    'invalid_request',
    `A grid of ${columns} × ${rows} ${thumbnail ? 'and a thumbnail ' : ''}makes ${makes} tiles, not ${tileCount}.`,
  );
}
