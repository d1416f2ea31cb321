/** A picture at its own size: a model on another machine cuts it into tiles itself, so it is sent uncut. */
import type { RgbPicture } from './rgb-picture.ts';
import { encodePicture } from './sharp-input.ts';
import { chooseTileGrid } from './tile-grid.ts';
import { makeTiles, type PictureTiles, type TilingOptions } from './tiles.ts';

/** Up to here a picture goes without loss; above, a PNG of a photo would be tens of megabytes. */
const mostLosslessPixels = 4_000_000;

/**
 * Tiles, or with `whole` the picture as PNG or JPEG file. Nothing of the file it came from goes along but its pixels:
 * no place, no camera, no name.
 */
export async function showPicture(
  picture: RgbPicture,
  { whole = false, ...options }: TilingOptions & { whole?: boolean },
): Promise<PictureTiles> {
  return whole ? encodeWhole(wholePicture(picture, options)) : makeTiles(picture, options);
}

/** The picture as it is; grid and tile count say what the server will make of it, if it follows the model card. */
export function wholePicture(picture: RgbPicture, options: TilingOptions): PictureTiles {
  const { width, height, pixels } = picture;
  const { columns, rows } = chooseTileGrid(picture, options);
  const thumbnail = options.useThumbnail && columns * rows > 1;
  return {
    width,
    height,
    columns,
    rows,
    thumbnail,
    tileSize: options.tileSize,
    tileCount: columns * rows + (thumbnail ? 1 : 0),
    pixels,
    whole: { format: 'rgb', sizeBytes: pixels.byteLength, maxTiles: options.maxTiles },
  };
}

/** The same picture as a file: PNG without loss, of large ones a JPEG. */
export async function encodeWhole(picture: PictureTiles): Promise<PictureTiles> {
  const { width, height, pixels, whole } = picture;
  if (whole?.format !== 'rgb') return picture;
  const format = width * height <= mostLosslessPixels ? 'png' : 'jpeg';
  const file = await encodePicture({ width, height, pixels }, format);
  return { ...picture, pixels: file, whole: { ...whole, format, sizeBytes: file.byteLength } };
}
