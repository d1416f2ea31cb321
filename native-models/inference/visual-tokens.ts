/** Visual tokens of pictures, each tile encoded once per process however often it is asked about. */
import { AppError } from '../../preload/contract/errors.ts';
import { type KeptType, roundAsKept } from '../cache/kept-values.ts';
import { toPixelValues } from '../media/pixel-values.ts';
import { hashPicture, hashTiles, type PictureTiles } from '../media/tiles.ts';
import type { InTurn } from './run-turns.ts';
import type { VisionEncoder } from './vision-encoder.ts';

/** Tile hash → its visual tokens [tokens, hidden]. */
export interface VisualTokenCache {
  get(hash: string): Float32Array | undefined;
  set(hash: string, tokens: Float32Array): void;
}

/** A cache that forgets the longest unused tiles beyond `maxBytes`; default 512 MB, about 560 tiles at 1B. */
export function createVisualTokenCache(maxBytes = 512 * 1024 * 1024): VisualTokenCache {
  const entries = new Map<string, Float32Array>();
  let sizeBytes = 0;
  return {
    get(hash) {
      const tokens = entries.get(hash);
      if (tokens) {
        entries.delete(hash);
        entries.set(hash, tokens); // now the most recent
      }
      return tokens;
    },
    set(hash, tokens) {
      if (entries.has(hash)) return;
      entries.set(hash, tokens);
      sizeBytes += tokens.byteLength;
      for (const [oldest, old] of entries) {
        if (sizeBytes <= maxBytes || oldest === hash) break;
        entries.delete(oldest);
        sizeBytes -= old.byteLength;
      }
    },
  };
}

/** The part of a cache that is one owner's: nobody can tell by the time it takes what others looked at. */
export function ownTokens(cache: VisualTokenCache, owner: string): VisualTokenCache {
  return {
    get: (hash) => cache.get(owner + hash),
    set: (hash, tokens) => cache.set(owner + hash, tokens),
  };
}

/** What pictures are encoded with. */
export interface Encoding {
  encoder: VisionEncoder;
  cache: VisualTokenCache;
  inTurn: InTurn;
  /** Told where a tile has to be looked at. */
  onLook?: () => void;
  /** What tokens are rounded to, as the disk keeps them; default fp32. */
  type?: KeptType;
  /** Tokens of each tile of the picture of this hash, from the disk; null for what is not there. */
  recall?: (picture: string) => Promise<Float32Array[] | null>;
}

/**
 * Visual tokens of every tile of the pictures, in order, each [tokens, hidden]. Equal tiles are encoded once.
 * Yields progress in tiles; rejects as `inTurn` does after an abort, keeping what was encoded.
 * @throws AppError `invalid_request` for tiles of another size than the encoder's
 */
export async function* encodePictures(
  pictures: readonly PictureTiles[],
  { encoder, cache, inTurn, type = 'F32', recall, onLook }: Encoding,
): AsyncGenerator<{ done: number; total: number }, Float32Array[][], void> {
  for (const picture of pictures) refuseOtherTiles(picture, encoder.tileSize);
  const wanted = pictures.map((picture) => tilesOf(picture));
  for (const [index, tiles] of wanted.entries())
    if (recall && tiles.some(({ hash }) => !cache.get(hash)))
      setAll(cache, tiles, await recall(hashPicture(pictures[index]!)));
  // What is known is held here: the cache may drop it to make room for this request's own tiles.
  const encoded = new Map<string, Float32Array>();
  const missing = new Map<string, Tile>();
  for (const tile of wanted.flat()) {
    const known = cache.get(tile.hash);
    if (known) encoded.set(tile.hash, known);
    else missing.set(tile.hash, tile);
  }
  const queue = [...missing.values()];
  if (queue.length > 0) onLook?.();
  for (let first = 0; first < queue.length; ) {
    const batch = queue.slice(first, first + encoder.tileBatch);
    yield { done: first, total: queue.length };
    const tokens = await encoder.encode(pixelValuesOf(batch, encoder.tileSize), batch.length, inTurn);
    const width = tokens.length / batch.length;
    for (const [index, tile] of batch.entries()) {
      // An answer never depends on whether a cache knew the picture.
      const own = roundAsKept(tokens.subarray(index * width, (index + 1) * width), type);
      encoded.set(tile.hash, own);
      cache.set(tile.hash, own);
    }
    first += batch.length;
  }
  if (queue.length > 0) yield { done: queue.length, total: queue.length };
  return wanted.map((tiles) => tiles.map((tile) => encoded.get(tile.hash)!));
}

/** One picture's visual tokens, or those of several, in one: [tokens, hidden]. */
export function joinTiles(tiles: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(tiles.reduce((sum, tile) => sum + tile.length, 0));
  let at = 0;
  for (const tile of tiles) {
    out.set(tile, at);
    at += tile.length;
  }
  return out;
}

/** One tile's pixels [side, side, 3] and what they are known by. */
interface Tile {
  pixels: Uint8Array;
  hash: string;
}

/** They were cut for another model: the one loaded before, perhaps. */
function refuseOtherTiles(picture: PictureTiles, tileSize: number): void {
  if (picture.tileSize === tileSize) return;
  throw new AppError(
    'invalid_request',
    `A picture was cut into tiles of ${picture.tileSize} pixels, this model takes ${tileSize}. Attach it again.`,
  );
}

function tilesOf(picture: PictureTiles): Tile[] {
  const tileBytes = picture.tileSize ** 2 * 3;
  return hashTiles(picture).map((hash, index) => ({
    pixels: picture.pixels.subarray(index * tileBytes, (index + 1) * tileBytes),
    hash,
  }));
}

function setAll(cache: VisualTokenCache, tiles: readonly Tile[], tokens: Float32Array[] | null): void {
  if (tokens?.length !== tiles.length) return; // of another tiling it would be a hash that lies
  for (const [index, { hash }] of tiles.entries()) cache.set(hash, tokens[index]!);
}

function pixelValuesOf(batch: Tile[], side: number): Float32Array {
  const values = new Float32Array(batch.length * 3 * side * side);
  for (const [index, tile] of batch.entries())
    values.set(toPixelValues(tile.pixels, side), index * 3 * side * side);
  return values;
}
