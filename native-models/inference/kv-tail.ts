/** The private ends of sequences, in memory we own; sequences that decode together lie side by side in one block. */
import type { Tensor } from 'onnxruntime-node';
import { AppError } from '../../preload/contract/errors.ts';
import { floatTensor } from './session.ts';

/** Blocks grow in steps, so masks and shapes change rarely and a step's padding stays small. */
const capacityStep = 256;

/** What one token's keys and values look like. */
export interface TailShape {
  firstLayer: number;
  layerCount: number;
  kvHeadCount: number;
  headDim: number;
}

/** Room for tails side by side: keys and values [layers][slots, kvHeads, capacity, headDim]. */
interface TailBlock {
  slots: number;
  capacity: number;
  keys: Float32Array[];
  values: Float32Array[];
  owners: (Tail | null)[];
  /** Tensors over the first slots, or over one, by `slot:count`. */
  feeds: Map<string, Record<string, Tensor>>;
}

/** One sequence's private keys and values: a slot of a block, of which the first `length` rows are in use. */
export interface Tail {
  readonly shape: TailShape;
  length: number;
  block: TailBlock;
  slot: number;
}

export function createTail(shape: TailShape): Tail {
  const tail: Tail = { shape, length: 0, block: createBlock(shape, 1, 0), slot: 0 };
  tail.block.owners[0] = tail;
  return tail;
}

/** Rows in steps of 256 for this many tokens. */
export function capacityFor(tokens: number): number {
  return Math.ceil(tokens / capacityStep) * capacityStep;
}

/**
 * Gives the tail a block of its own with room for this many tokens, unless it has one between that and twice as much.
 * @throws AppError `out_of_memory`; the tokens held stay as they are
 */
export function fitTail(tail: Tail, tokens: number): void {
  const wanted = capacityFor(Math.max(tokens, tail.length));
  const { capacity, slots } = tail.block;
  if (slots === 1 && wanted <= capacity && capacity <= 2 * wanted) return;
  moveTail(tail, createBlock(tail.shape, 1, wanted), 0);
}

/** Copies one sequence's new rows, `new_key.N` and `new_value.N` [batch, kvHeads, count, headDim], behind its last ones. */
export function writeRows(
  tail: Tail,
  outputs: Readonly<Record<string, Tensor>>,
  { row, count }: { row: number; count: number },
): void {
  if (tail.length + count > tail.block.capacity) fitTail(tail, tail.length + count);
  const { firstLayer, layerCount, kvHeadCount, headDim } = tail.shape;
  const width = count * headDim;
  const write = (target: Float32Array, fresh: Float32Array) => {
    for (let head = 0; head < kvHeadCount; head++) {
      const from = (row * kvHeadCount + head) * width;
      target.set(fresh.subarray(from, from + width), rowAt(tail, head, tail.length));
    }
  };
  for (let layer = 0; layer < layerCount; layer++) {
    write(tail.block.keys[layer]!, outputs[`new_key.${firstLayer + layer}`]!.data as Float32Array);
    write(tail.block.values[layer]!, outputs[`new_value.${firstLayer + layer}`]!.data as Float32Array);
  }
  tail.length += count;
}

/** The rows in use of one head, in place. */
export function usedRows(tail: Tail, kind: 'keys' | 'values', place: { layer: number; head: number }) {
  const at = rowAt(tail, place.head, 0);
  return tail.block[kind][place.layer]!.subarray(at, at + tail.length * tail.shape.headDim);
}

/**
 * Brings tails side by side into one block with room for `capacity` rows each; their slots then are 0 … count − 1, in
 * an order of this function's own. Whoever sat there and does not take part gets a block of its own.
 * @throws AppError `out_of_memory`; every tail keeps its tokens
 */
export function joinTails(tails: readonly Tail[], capacity: number): void {
  const members = new Set(tails);
  const block =
    commonBlock(tails, capacity) ?? createBlock(tails[0]!.shape, slotsFor(tails.length), capacity);
  const outside = tails.filter((tail) => tail.block !== block || tail.slot >= tails.length);
  for (let slot = 0; outside.length > 0; slot++) {
    const owner = block.owners[slot];
    if (owner && members.has(owner)) continue;
    if (owner) moveTail(owner, createBlock(owner.shape, 1, capacityFor(owner.length + 1)), 0);
    moveTail(outside.shift()!, block, slot);
  }
}

/** The tails' memory as the decoder graph's inputs `tail_key.N` and `tail_value.N`: one tail, or joined ones from slot 0. */
export function tailFeeds(tails: readonly Tail[]): Record<string, Tensor> {
  const [first] = tails as [Tail, ...Tail[]];
  const slot = tails.length === 1 ? first.slot : 0;
  const key = `${slot}:${tails.length}`;
  const known = first.block.feeds.get(key);
  if (known) return known;
  const { firstLayer, layerCount, kvHeadCount, headDim } = first.shape;
  const { capacity } = first.block;
  const width = kvHeadCount * capacity * headDim;
  const dims = [tails.length, kvHeadCount, capacity, headDim];
  const feeds: Record<string, Tensor> = {};
  const part = (rows: Float32Array) =>
    floatTensor(rows.subarray(slot * width, (slot + tails.length) * width), dims);
  for (let layer = 0; layer < layerCount; layer++) {
    feeds[`tail_key.${firstLayer + layer}`] = part(first.block.keys[layer]!);
    feeds[`tail_value.${firstLayer + layer}`] = part(first.block.values[layer]!);
  }
  first.block.feeds.set(key, feeds);
  return feeds;
}

/** The block that most of them share already, where it is large enough and not wastefully so. */
function commonBlock(tails: readonly Tail[], capacity: number): TailBlock | null {
  const shares = new Map<TailBlock, number>();
  for (const { block } of tails) {
    const fits = block.slots >= tails.length && block.capacity >= capacity && block.capacity <= 2 * capacity;
    if (fits) shares.set(block, (shares.get(block) ?? 0) + 1);
  }
  const [best] = [...shares].sort(([, a], [, b]) => b - a);
  return best?.[0] ?? null;
}

/** Powers of two: a block need not be made anew for each sequence that joins. Untouched memory costs nothing. */
function slotsFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

function createBlock(
  { layerCount, kvHeadCount, headDim }: TailShape,
  slots: number,
  capacity: number,
): TailBlock {
  const rows = () =>
    Array.from({ length: layerCount }, () => allocateFloats(slots * kvHeadCount * capacity * headDim));
  return {
    slots,
    capacity,
    keys: rows(),
    values: rows(),
    owners: new Array<Tail | null>(slots).fill(null),
    feeds: new Map(),
  };
}

function moveTail(tail: Tail, block: TailBlock, slot: number): void {
  const to: Tail = { ...tail, block, slot };
  const { layerCount, kvHeadCount } = tail.shape;
  for (let layer = 0; tail.length > 0 && layer < layerCount; layer++) {
    for (let head = 0; head < kvHeadCount; head++) {
      for (const kind of ['keys', 'values'] as const) {
        block[kind][layer]!.set(usedRows(tail, kind, { layer, head }), rowAt(to, head, 0));
      }
    }
  }
  tail.block.owners[tail.slot] = null;
  block.owners[slot] = tail;
  tail.block = block;
  tail.slot = slot;
}

/** Where a head's row begins in a layer's array. */
function rowAt({ block, slot, shape }: Tail, head: number, row: number): number {
  return ((slot * shape.kvHeadCount + head) * block.capacity + row) * shape.headDim;
}

/** @throws AppError `out_of_memory` */
export function allocateFloats(count: number): Float32Array {
  try {
    return new Float32Array(count);
  } catch (cause) {
    throw new AppError(
      'out_of_memory',
      'There is not enough memory for a conversation this long. Use fewer or smaller pictures, or begin a new one.',
      { cause },
    );
  }
}
