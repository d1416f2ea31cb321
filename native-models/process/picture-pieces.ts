/** How a picture's tiles look on the way between processes: a header, then its pixels in pieces that fit a frame. */
import { z } from 'zod';
import { maxPieceBytes } from './frames.ts';

const count = z.int().nonnegative();
const positive = z.int().positive();

/** A picture's tiles without their pixels, which follow as uint8 [tiles, S, S, 3]. */
export const pictureHeader = z.strictObject({
  /** The picture's own size, upright. */
  width: positive,
  height: positive,
  columns: positive,
  rows: positive,
  /** Whether the whole picture follows as last tile. */
  thumbnail: z.boolean(),
  tileSize: positive.max(4096),
  tileCount: positive.max(4096),
  /** Nothing was cut: the picture itself follows, for a model that is reached over the network. */
  whole: z.exactOptional(
    z.strictObject({
      format: z.enum(['rgb', 'png', 'jpeg']),
      sizeBytes: positive,
      maxTiles: positive.max(256),
    }),
  ),
});

export const bytePiece = {
  offset: count,
  bytes: z.custom<Uint8Array>(
    (bytes) => bytes instanceof Uint8Array && bytes.byteLength <= maxPieceBytes,
    'a piece is at most 48 KiB of bytes',
  ),
  last: z.boolean(),
};
