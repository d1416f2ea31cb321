/** A picture as the model sees it: a grid of square tiles, and the whole picture once more as thumbnail. */
import { createHash } from 'node:crypto';
import { resizeBicubic } from './resize-bicubic.ts';
import type { RgbPicture } from './rgb-picture.ts';
import { chooseTileGrid, type GridOptions } from './tile-grid.ts';

/** Plain enough to be sent to another process. */
export interface PictureTiles {
  /** The picture's own size, before it was fitted to the grid. */
  width: number;
  height: number;
  columns: number;
  rows: number;
  /** Whether the whole picture follows as last tile. */
  thumbnail: boolean;
  /** Side of a tile in pixels. */
  tileSize: number;
  /** columns × rows, and the thumbnail. */
  tileCount: number;
  /** uint8 [tileCount, tileSize, tileSize, 3]: the grid row by row, then the thumbnail. Where `whole` says so, the picture itself. */
  pixels: Uint8Array;
  /** Present: nothing was cut, `pixels` is the whole picture and the grid is what is expected of the server that cuts it. */
  whole?: WholeForm;
}

/** How a picture that is not cut lies in `pixels`. */
export interface WholeForm {
  /** uint8 [height, width, 3], or a file of that format. */
  format: 'rgb' | 'png' | 'jpeg';
  sizeBytes: number;
  /** Most tiles that it is to be cut into, beside the thumbnail. */
  maxTiles: number;
}

export interface TilingOptions extends GridOptions {
  /** Append the whole picture when it was cut into more than one tile. */
  useThumbnail: boolean;
}

/**
 * Fits the picture to the closest grid of tiles and cuts it up. Source: `dynamic_preprocess` of the model card.
 * @throws AppError `invalid_request` for tile limits or sizes that make no sense
 */
export function makeTiles(picture: RgbPicture, options: TilingOptions): PictureTiles {
  const { tileSize, useThumbnail } = options;
  const { columns, rows } = chooseTileGrid(picture, options);
  const thumbnail = useThumbnail && columns * rows > 1;
  const tileCount = columns * rows + (thumbnail ? 1 : 0);
  const pixels = new Uint8Array(tileCount * tileSize * tileSize * 3);

  const fitted = resizeBicubic(picture, { width: columns * tileSize, height: rows * tileSize });
  cutTiles(fitted, tileSize, pixels);
  if (thumbnail) {
    const whole = resizeBicubic(picture, { width: tileSize, height: tileSize });
    pixels.set(whole.pixels, columns * rows * whole.pixels.length);
  }
  const { width, height } = picture;
  return { width, height, columns, rows, thumbnail, tileSize, tileCount, pixels };
}

/** [rows · S, columns · S, 3] → [rows · columns, S, S, 3], one line of a tile at a time. */
function cutTiles(fitted: RgbPicture, tileSize: number, tiles: Uint8Array): void {
  const lineBytes = tileSize * 3;
  const columns = fitted.width / tileSize;
  for (let source = 0, line = 0; source < fitted.pixels.length; source += lineBytes, line++) {
    const column = line % columns;
    const y = Math.floor(line / columns);
    const tile = Math.floor(y / tileSize) * columns + column;
    const target = (tile * tileSize + (y % tileSize)) * lineBytes;
    tiles.set(fitted.pixels.subarray(source, source + lineBytes), target);
  }
}

/** What each tile is known by: SHA-256 (hex) over its side and pixels, the same wherever the tile occurs. */
export function hashTiles(picture: PictureTiles): string[] {
  const tileBytes = picture.tileSize ** 2 * 3;
  return Array.from({ length: picture.tileCount }, (_, index) => {
    const pixels = picture.pixels.subarray(index * tileBytes, (index + 1) * tileBytes);
    return createHash('sha256').update(`${picture.tileSize} `).update(pixels).digest('hex');
  });
}

/** What the picture is known by: SHA-256 (hex) over size, grid and pixels, so equal bytes as 2×8 and 4×4 differ. */
export function hashPicture(picture: PictureTiles): string {
  const { width, height, columns, rows, thumbnail, tileSize, pixels } = picture;
  const shape = JSON.stringify([width, height, columns, rows, thumbnail, tileSize]);
  return createHash('sha256').update(shape).update(pixels).digest('hex');
}
