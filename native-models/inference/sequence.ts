/** A sequence the decoder has read: its tokens, which pictures its slots held, where tokens stood, and their keys and values. */
import type { Prompt } from '../text/prompt.ts';
import type { KvCache } from './kv-cache.ts';

/** Tokens with what else decides their keys and values: the position and, in a slot, the picture. */
export interface SequenceKey {
  ids: number[];
  positions: number[];
  /** Per token: the hash of the picture whose visual token stands there, or ''. */
  pictures: string[];
}

export interface Sequence {
  /** Whose it is: nobody else's prompt begins with it, or its time would tell what was asked. Default ''. */
  owner?: string;
  key: SequenceKey;
  cache: KvCache;
}

/**
 * Positions and pictures of a prompt. A text token moves the position by 1, a visual token by δ
 * (V2PE, arXiv 2412.09616, eq. 6): p_i = p_{i−1} + 1 or + δ.
 */
export function keyOf(prompt: Prompt, visualPositionStep: number): SequenceKey {
  const ids = Array.from(prompt.ids);
  const pictures = new Array<string>(ids.length).fill('');
  for (const slot of prompt.slots) pictures.fill(slot.hash, slot.start, slot.start + slot.length);
  const positions: number[] = [];
  let position = 0;
  for (let i = 0; i < ids.length; i++) {
    if (i > 0) position += pictures[i] ? visualPositionStep : 1;
    positions.push(position);
  }
  return { ids, positions, pictures };
}

/** How many tokens from the start are the same in both: same id, same position, same picture. */
export function commonPrefixLength(a: SequenceKey, b: SequenceKey): number {
  const end = Math.min(a.ids.length, b.ids.length);
  let i = 0;
  while (
    i < end &&
    a.ids[i] === b.ids[i] &&
    a.positions[i] === b.positions[i] &&
    a.pictures[i] === b.pictures[i]
  )
    i++;
  return i;
}

/** Keeps the first `length` tokens. */
export function truncateSequence(sequence: Sequence, length: number): void {
  sequence.key.ids.length = Math.min(sequence.key.ids.length, length);
  sequence.key.positions.length = sequence.key.ids.length;
  sequence.key.pictures.length = sequence.key.ids.length;
  sequence.cache.truncate(length);
}

/** Appends a text token that was sampled; its keys and values follow with the next step. */
export function appendToken(sequence: Sequence, id: number): void {
  const last = sequence.key.positions.at(-1) ?? -1;
  sequence.key.ids.push(id);
  sequence.key.positions.push(last + 1);
  sequence.key.pictures.push('');
}

/** A second sequence that goes on from the same tokens. */
export function forkSequence({ owner = '', key, cache }: Sequence): Sequence {
  const { ids, positions, pictures } = key;
  return {
    owner,
    key: { ids: [...ids], positions: [...positions], pictures: [...pictures] },
    cache: cache.fork(),
  };
}
