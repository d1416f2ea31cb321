/** Visual tokens of pictures on the disk: [tiles, tokens, hidden] of one picture each. */
import { floatsFromBytes } from '../weights/dtypes.ts';
import type { CacheEntries } from './cache-entries.ts';
import { hashOf } from './cache-folder.ts';
import { bytesOf, type KeptType, valueBytes } from './kept-values.ts';

/** Whose picture it is, and which conversation keeps it. */
export interface Keeper {
  owner: string;
  conversation: string;
}

export interface VisualTokenEntries {
  /** Tokens of each tile, or null; `picture` is the hash of its size, grid and pixels. */
  read(picture: string, owner: string): Promise<Float32Array[] | null>;
  /** Marks what is there as used by one more conversation, or writes it. False where it is not kept. */
  keep(picture: string, tiles: readonly Float32Array[], keeper: Keeper): Promise<boolean>;
}

/**
 * @param model what else decides the numbers: weights, recipe, precision, device
 * @param tileLength values of one tile
 * @param type what they are kept as
 */
export function openVisualTokenEntries(
  entries: CacheEntries,
  { model, tileLength, type }: { model: string; tileLength: number; type: KeptType },
): VisualTokenEntries {
  const tileBytes = tileLength * valueBytes[type];
  const keyOf = (picture: string, owner: string) => hashOf(['visual tokens', model, owner, picture]);
  return {
    async read(picture, owner) {
      const found = await entries.read(keyOf(picture, owner));
      if (!found || found.body.length === 0 || found.body.length % tileBytes !== 0) return null;
      const all = floatsFromBytes(found.body, type);
      const count = all.length / tileLength;
      return Array.from({ length: count }, (_, tile) =>
        all.slice(tile * tileLength, (tile + 1) * tileLength),
      );
    },
    async keep(picture, tiles, { owner, conversation }) {
      const key = keyOf(picture, owner);
      if (await entries.use(key, conversation)) return true;
      if (tiles.some((tile) => tile.length !== tileLength)) return false;
      const sizeBytes = tileBytes * tiles.length;
      return entries.write(key, { conversation, sizeBytes, head: {}, body: tilesAs(type, tiles) });
    },
  };
}

/** A tile at a time. @throws RangeError as `bytesOf` */
function* tilesAs(type: KeptType, tiles: readonly Float32Array[]): Generator<Uint8Array> {
  for (const tile of tiles) yield bytesOf(tile, type);
}
