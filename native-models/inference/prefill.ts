/** Reads a prompt into the KV cache in chunks short enough to be cancelled between. */
import type { Prompt } from '../text/prompt.ts';
import type { Decoder } from './decoder.ts';
import type { InTurn } from './run-turns.ts';
import type { Sequence, SequenceKey } from './sequence.ts';
import type { TokenEmbedder } from './token-embedder.ts';

/** A chunk aims at this time, so that a stop is noticed well within 200 ms on average and 400 ms at worst. */
const targetChunkMs = 200;
/** First chunk, before anything is known of this machine's speed; then between these limits. */
const firstChunkTokens = 32;
const maxChunkTokens = 512;
/**
 * Room in the cache runs ahead of what is read by this share: every chunk attends over the whole room, hidden rows
 * included, and one made for a prompt's end at its beginning doubles the attention of all (docs/speed.md).
 */
const roomAhead = 1.25;
/** chunk × sequence stays below this, so that scores and mask fit into a few megabytes a head. */
const maxChunkArea = 4 * 1024 * 1024;

/** What prefill learns about the machine and keeps for the next prompt. */
export interface PrefillPace {
  chunkTokens: number;
}

export function createPrefillPace(): PrefillPace {
  return { chunkTokens: firstChunkTokens };
}

export interface PrefillRequest {
  decoder: Decoder;
  embedder: TokenEmbedder;
  prompt: Prompt;
  key: SequenceKey;
  /** Visual tokens of each slot, [length, hidden]. */
  visualTokens: Float32Array[];
  /** Holds the tokens that are already cached; grows to the whole prompt. */
  sequence: Sequence;
  pace: PrefillPace;
  inTurn: InTurn;
  /**
   * Tokens before the end, rising, that are heard as well, each of them a `said` one: `hear` gets the logits
   * [vocabulary] behind each.
   */
  heard?: { rows: readonly number[]; hear: (logits: Float32Array) => void };
}

/**
 * Runs the rest of the prompt. Yields progress in tokens and returns the last token's logits [vocabulary].
 * Rejects with the signal's reason after an abort; the sequence then holds what was read.
 */
export async function* prefill(
  request: PrefillRequest,
): AsyncGenerator<{ done: number; total: number }, Float32Array, void> {
  const { key, sequence, pace } = request;
  const total = key.ids.length;
  let logits: Float32Array = new Float32Array(0);
  let room = 0;
  for (let first = sequence.cache.length; first < total; ) {
    yield { done: first, total };
    await request.inTurn(async () => {
      const most = Math.min(pace.chunkTokens, Math.max(1, Math.floor(maxChunkArea / total)));
      const count = sameReader(key, first, most);
      const startedMs = performance.now();
      if (first + count > room) {
        room = Math.min(total + 1, Math.ceil((first + count) * roomAhead));
        sequence.cache.reserve(room);
      }
      logits = await readChunk(request, first, count);
      if (count === pace.chunkTokens) adaptPace(pace, performance.now() - startedMs);
      first += count;
    });
  }
  yield { done: total, total };
  return logits;
}

/** How many tokens from `first` on the same weights read, `most` at most. */
function sameReader({ said }: SequenceKey, first: number, most: number): number {
  const other = said.indexOf(!said[first], first);
  return Math.min(most, (other < 0 ? said.length : other) - first);
}

/** Runs tokens first … first + count − 1; their logits [vocabulary] come back where they end the prompt. */
async function readChunk(request: PrefillRequest, first: number, count: number): Promise<Float32Array> {
  const { decoder, key, sequence, heard } = request;
  const heardRows = heard?.rows.filter((row) => row >= first && row < first + count) ?? [];
  const lastRow = key.ids.length - 1;
  const wanted =
    first + count > lastRow && heardRows.at(-1) !== lastRow ? [...heardRows, lastRow] : heardRows;
  const step = {
    hidden: embedRange(request, first, count),
    positions: Float32Array.from(key.positions.slice(first, first + count)),
    cache: sequence.cache,
  };
  const logits = key.said[first]
    ? await decoder.run({ ...step, logitRows: wanted.map((row) => row - first) })
    : await decoder.read(step);
  const width = decoder.config.vocabularySize;
  for (const index of heardRows.keys()) heard?.hear(logits.subarray(index * width, (index + 1) * width));
  sequence.key.ids.push(...key.ids.slice(first, first + count));
  sequence.key.positions.push(...key.positions.slice(first, first + count));
  sequence.key.pictures.push(...key.pictures.slice(first, first + count));
  sequence.key.said.push(...key.said.slice(first, first + count));
  return logits.subarray(Math.max(0, wanted.length - 1) * width);
}

/** Steps halfway towards the chunk that would have taken the target time; whole multiples of 16 suit the kernels. */
function adaptPace(pace: PrefillPace, elapsedMs: number): void {
  const ideal = (pace.chunkTokens * targetChunkMs) / Math.max(elapsedMs, 1);
  const next = Math.round((pace.chunkTokens + Math.min(ideal, 4 * pace.chunkTokens)) / 2 / 16) * 16;
  pace.chunkTokens = Math.max(16, Math.min(maxChunkTokens, next));
}

/** Embeddings of tokens first … first + count − 1, visual tokens in their slots: [count, hidden]. */
function embedRange(
  { embedder, prompt, key, visualTokens }: PrefillRequest,
  first: number,
  count: number,
): Float32Array {
  const { width } = embedder;
  const hidden = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    if (!key.pictures[first + i]) embedder.embed(key.ids[first + i]!, hidden, i * width);
  }
  for (const [index, slot] of prompt.slots.entries()) {
    const from = Math.max(slot.start, first);
    const end = Math.min(slot.start + slot.length, first + count);
    if (from >= end) continue;
    const tokens = visualTokens[index]!.subarray((from - slot.start) * width, (end - slot.start) * width);
    hidden.set(tokens, (from - first) * width);
  }
  return hidden;
}
