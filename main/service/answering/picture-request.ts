/** A wanted picture in the media process's words: which part of the file, and how it is cut for a model. */
import { maxTilesOf, type TilingModel } from './detail-tiles.ts';
import type { WantedPicture } from './message-content.ts';

/** How a picture is cut for a model; a frame is one tile, as on the card. */
export function tilingOf(wanted: Pick<WantedPicture, 'detail' | 'film'>, model: TilingModel) {
  const maxTiles = wanted.film !== null ? 1 : maxTilesOf(wanted.detail, model);
  return {
    tileSize: model.tileSize,
    minTiles: Math.min(model.minTiles, maxTiles),
    maxTiles,
    useThumbnail: model.useThumbnail,
    ...(model.remote && { whole: true }),
  };
}

/** Equal for what gives equal tiles. */
export function pictureKey(
  { attachmentId, page, timeMs, box, ...wanted }: WantedPicture,
  model: TilingModel,
): string {
  return JSON.stringify([attachmentId, page, timeMs, box, tilingOf(wanted, model)]);
}

export function filePartOf({ page, timeMs, box }: WantedPicture, password: string | undefined) {
  return {
    ...(page !== null && { page }),
    ...(timeMs !== null && { timeMs }),
    ...(password !== undefined && { password }),
    ...(box && { region: cornersOf(box) }),
  };
}

/** x1 y1 x2 y2 in shares, kept within the picture. */
export function cornersOf(box: { x: number; y: number; width: number; height: number }) {
  const { x, y, width, height } = box;
  return [x, y, Math.min(1, x + width), Math.min(1, y + height)] as [number, number, number, number];
}
