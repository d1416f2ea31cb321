/** How pictures, pages, regions and frames will be cut for a model, reckoned from their sizes alone. */
import {
  chooseTileGrid,
  type PageSize,
  pageRenderSize,
} from '../../../native-models/process/engine-client.ts';
import type { TilingModel } from './detail-tiles.ts';
import type { WantedPicture } from './message-content.ts';
import { tilingOf } from './picture-request.ts';

export interface PictureGrid {
  columns: number;
  rows: number;
  /** The whole picture is one more tile. */
  thumbnail: boolean;
}

/** What is known of the file a picture comes from. */
export interface SourceSize {
  widthPx: number | null;
  heightPx: number | null;
  /** Of a PDF: each page as shown, where it could be measured; none for files whose pages are pictures. */
  pages: readonly (PageSize | null)[];
}

/** Null where the size is not known. */
export function gridOf(wanted: WantedPicture, source: SourceSize, model: TilingModel): PictureGrid | null {
  const tiling = tilingOf(wanted, model);
  const size = shownSize(wanted, source, tiling);
  if (!size) return null;
  const grid = chooseTileGrid(size, tiling);
  return { ...grid, thumbnail: model.useThumbnail && grid.columns * grid.rows > 1 };
}

export function tilesOf({ columns, rows, thumbnail }: PictureGrid): number {
  return columns * rows + (thumbnail ? 1 : 0);
}

function shownSize(
  { page, box }: WantedPicture,
  { widthPx, heightPx, pages }: SourceSize,
  tiling: ReturnType<typeof tilingOf>,
): { width: number; height: number } | null {
  const share = box ?? { width: 1, height: 1 };
  if (page !== null && pages.length > 0) {
    const whole = pages[page - 1];
    if (!whole) return null;
    // A page has no pixels of its own: it is drawn as the grid can use it.
    return pageRenderSize(
      { widthPoints: whole.widthPoints * share.width, heightPoints: whole.heightPoints * share.height },
      tiling,
    );
  }
  if (widthPx === null || heightPx === null) return null;
  return {
    width: Math.max(1, Math.round(widthPx * share.width)),
    height: Math.max(1, Math.round(heightPx * share.height)),
  };
}
