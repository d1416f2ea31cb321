/**
 * Keys and values of conversations on the disk, one snapshot each: what was read once is not read again after a restart.
 * They are kept as they are: rounded to fp16 they changed the likeliest token at 5 of 100 places (mean KL 1.9e-3, int8
 * 4.7e-3; 0.5B at int4, 512 tokens kept, 192 positions).
 */
import { z } from 'zod';
import type { CacheEntries } from './cache-entries.ts';
import { hashOf } from './cache-folder.ts';
import { bytesOf, valueBytes } from './kept-values.ts';
import type { Keeper } from './visual-token-entries.ts';

/** What the tokens of a snapshot are known by: ids, positions (so δ as well), the picture at each visual token, and who read them. */
export interface SnapshotKey {
  ids: number[];
  positions: number[];
  pictures: string[];
  /** Whether the model said it, or it was read as a prompt. */
  said: boolean[];
}

/** Keys and values [layers][kvHeads, length, headDim] each. */
export interface SnapshotRows {
  length: number;
  keys: Float32Array[];
  values: Float32Array[];
}

export interface SnapshotEntries {
  /** Its snapshot where `isWorthIt` says so of its tokens; null otherwise. */
  read(
    keeper: Keeper,
    isWorthIt: (key: SnapshotKey) => boolean,
  ): Promise<{ key: SnapshotKey; rows: SnapshotRows } | null>;
  /** In place of the one before. False where it is not kept: too large, no room, or the conversation was deleted. */
  write(keeper: Keeper, snapshot: { key: SnapshotKey; rows: SnapshotRows }): Promise<boolean>;
}

const headSchema = z.object({
  ids: z.array(z.int()),
  positions: z.array(z.number()),
  /** Runs of visual tokens: first token, how many, hash of the picture. */
  pictures: z.array(z.tuple([z.int(), z.int(), z.string()])),
  /** Runs of tokens that the model said: first token, how many. */
  said: z.array(z.tuple([z.int(), z.int()])),
});

export interface SnapshotShape {
  layerCount: number;
  kvHeadCount: number;
  headDim: number;
}

/**
 * @param model what else decides the numbers: weights, recipe, precision, devices
 * @param breathe awaited between layers while writing, so that whoever asks meanwhile goes first
 */
export function openSnapshotEntries(
  entries: CacheEntries,
  { model, shape, breathe }: { model: string; shape: SnapshotShape; breathe: () => Promise<void> },
): SnapshotEntries {
  const keyOf = ({ owner, conversation }: Keeper) => hashOf(['snapshot', model, owner, conversation]);
  const rowLength = shape.kvHeadCount * shape.headDim;
  return {
    async read(keeper, isWorthIt) {
      let key: SnapshotKey | null = null;
      const found = await entries.read(keyOf(keeper), (head) => {
        key = readKey(head);
        return key !== null && isWorthIt(key);
      });
      if (!found || !key) return null;
      const { ids } = key as SnapshotKey;
      const layerBytes = valueBytes.F32 * rowLength * ids.length;
      if (found.body.length !== 2 * shape.layerCount * layerBytes) return null;
      const rows: SnapshotRows = { length: ids.length, keys: [], values: [] };
      for (let layer = 0; layer < shape.layerCount; layer++) {
        const at = 2 * layer * layerBytes;
        rows.keys.push(floatsAt(found.body, at, layerBytes));
        rows.values.push(floatsAt(found.body, at + layerBytes, layerBytes));
      }
      return { key, rows };
    },
    write(keeper, { key, rows }) {
      const sizeBytes = 2 * valueBytes.F32 * shape.layerCount * rowLength * rows.length;
      const { conversation } = keeper;
      const entry = { conversation, sizeBytes, head: writeKey(key), body: layerBytesOf(rows, breathe) };
      return entries.write(keyOf(keeper), entry);
    },
  };
}

/** A layer's keys, then its values, then the next layer's. */
async function* layerBytesOf(rows: SnapshotRows, breathe: () => Promise<void>): AsyncGenerator<Uint8Array> {
  for (const [layer, keys] of rows.keys.entries()) {
    for (const values of [keys, rows.values[layer]!]) {
      await breathe();
      yield bytesOf(values, 'F32');
    }
  }
}

/** In place: a body is aligned, and as large as a long conversation. */
function floatsAt(body: Uint8Array<ArrayBuffer>, at: number, sizeBytes: number): Float32Array {
  return new Float32Array(body.buffer, body.byteOffset + at, sizeBytes / valueBytes.F32);
}

function writeKey({ ids, positions, pictures, said }: SnapshotKey): z.infer<typeof headSchema> {
  return {
    ids,
    positions,
    pictures: runsOf(pictures).filter(([, , hash]) => hash !== ''),
    said: runsOf(said).flatMap(([first, count, isSaid]) => (isSaid ? [[first, count]] : [])),
  };
}

/** Where a value stands, how often in a row, and which. */
function runsOf<T>(values: readonly T[]): [first: number, count: number, value: T][] {
  const runs: [number, number, T][] = [];
  for (const [at, value] of values.entries()) {
    const last = runs.at(-1);
    if (last && last[2] === value) last[1] += 1;
    else runs.push([at, 1, value]);
  }
  return runs;
}

function readKey(head: unknown): SnapshotKey | null {
  const { success, data } = headSchema.safeParse(head);
  if (!success || data.positions.length !== data.ids.length) return null;
  const pictures = new Array<string>(data.ids.length).fill('');
  for (const [first, count, hash] of data.pictures) pictures.fill(hash, first, first + count);
  const said = new Array<boolean>(data.ids.length).fill(false);
  for (const [first, count] of data.said) said.fill(true, first, first + count);
  return { ids: data.ids, positions: data.positions, pictures, said };
}
