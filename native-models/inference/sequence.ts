/** A sequence the decoder has read: its tokens, which pictures its slots held, where tokens stood, and their keys and values. */
import type { Prompt } from '../text/prompt.ts';
import type { KvCache } from './kv-cache.ts';

/** Tokens with what else decides their keys and values: the position and, in a slot, the picture. */
export interface SequenceKey {
  ids: number[];
  positions: number[];
  /** Per token: the hash of the picture whose visual token stands there, or ''. */
  pictures: string[];
  /** Per token: whether the weights that write have read it, as they do what they say, or those that read a prompt. */
  said: boolean[];
}

export interface Sequence {
  /** Whose it is: nobody else's prompt begins with it, or its time would tell what was asked. Default ''. */
  owner?: string;
  key: SequenceKey;
  cache: KvCache;
}

/**
 * Positions, pictures and readers of a prompt. Answers are read by the weights that wrote them, so that a sequence is
 * the same whether it was just said or is read again, and so is the last token, whose logits are wanted. A text token moves the position by 1, a visual token by δ
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
  const said = new Array<boolean>(ids.length).fill(false);
  for (const { first, end } of prompt.answers ?? []) said.fill(true, first, end);
  said[ids.length - 1] = true;
  return { ids, positions, pictures, said };
}

/** How many tokens from the start are the same in both: same id, same position, same picture, same reader. */
export function commonPrefixLength(a: SequenceKey, b: SequenceKey): number {
  const end = Math.min(a.ids.length, b.ids.length);
  let i = 0;
  while (
    i < end &&
    a.ids[i] === b.ids[i] &&
    a.positions[i] === b.positions[i] &&
    a.pictures[i] === b.pictures[i] &&
    a.said[i] === b.said[i]
  )
    i++;
  return i;
}

/** Keeps the first `length` tokens. */
export function truncateSequence(sequence: Sequence, length: number): void {
  sequence.key.ids.length = Math.min(sequence.key.ids.length, length);
  sequence.key.positions.length = sequence.key.ids.length;
  sequence.key.pictures.length = sequence.key.ids.length;
  sequence.key.said.length = sequence.key.ids.length;
  sequence.cache.truncate(length);
}

/** Appends a text token that was sampled; its keys and values follow with the next step. */
export function appendToken(sequence: Sequence, id: number): void {
  const last = sequence.key.positions.at(-1) ?? -1;
  sequence.key.ids.push(id);
  sequence.key.positions.push(last + 1);
  sequence.key.pictures.push('');
  sequence.key.said.push(true);
}

/** A second sequence that goes on from the same tokens. */
export function forkSequence({ owner = '', key, cache }: Sequence): Sequence {
  const { ids, positions, pictures, said } = key;
  return {
    owner,
    key: { ids: [...ids], positions: [...positions], pictures: [...pictures], said: [...said] },
    cache: cache.fork(),
  };
}
