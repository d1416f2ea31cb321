/** How closely a picture is looked at, as a bound of its tiles. */
import type { Detail } from '../../../preload/contract/attachments.ts';

/** What tiling needs to know of a loaded model. */
export interface TilingModel {
  tileSize: number;
  visualTokensPerTile: number;
  minTiles: number;
  maxTiles: number;
  useThumbnail: boolean;
  contextLength: number;
  /** Present where the model is on another machine, which is sent whole pictures. */
  remote?: object | undefined;
}

/** Most tiles that are ever asked for; beyond 24 the model card's own evaluations gain nothing. */
const mostTiles = 24;

/**
 * Most tiles of one picture, its thumbnail not counted: `fast` one (the whole picture once), `balanced` 6 (the model
 * card's usual figure for its evaluations), `smallPrint` 12 or what the model was trained for where that is more, at
 * most 24. A film's frames always take one tile, as on the card.
 */
export function maxTilesOf(detail: Detail, model: TilingModel): number {
  if (detail === 'fast') return 1;
  if (detail === 'balanced') return 6;
  return Math.min(mostTiles, Math.max(12, model.maxTiles));
}
