/** What a picture or a text is alike to: its tokens, as the language model would read them, averaged into one vector. */
import { AppError } from '../../preload/contract/errors.ts';
import type { GenerationParts } from './generate.ts';
import type { EmbeddingEvent, EmbeddingRequest } from './generation-types.ts';
import { promptTooLong } from './visual-position-step.ts';
import { encodePictures, ownTokens } from './visual-tokens.ts';

/**
 * The mean of a picture's visual tokens, or of a text's token embeddings, at length 1. Both lie where the decoder
 * reads them, yet no layer of it has: a text's order counts for nothing, and pictures are found by how they look.
 * Ends with `embedding`; after an abort it rejects with the signal's reason.
 * @throws AppError `invalid_request` for nothing to embed, `context_too_long` for a text longer than the context
 */
export async function* embed(
  parts: GenerationParts,
  { part, client = '' }: EmbeddingRequest,
  signal: AbortSignal,
): AsyncGenerator<EmbeddingEvent, void, void> {
  const tokens = part.type === 'text' ? textTokens(parts, part.text) : yield* visualTokens();
  const { width } = parts.embedder;
  yield { type: 'embedding', vector: meanDirection(tokens, width), tokenCount: tokens.length / width };

  async function* visualTokens(): AsyncGenerator<EmbeddingEvent, Float32Array, void> {
    if (part.type === 'text') throw new AppError('internal', 'A text has no visual tokens.');
    const encoding = encodePictures(part.pictures, {
      encoder: parts.vision,
      cache: ownTokens(parts.visualTokenCache, client),
      inTurn: parts.turns.forReader(client, signal),
    });
    for (;;) {
      const step = await encoding.next();
      if (step.done) return joined(step.value.flat());
      yield { type: 'vision', ...step.value };
    }
  }
}

/** Rows of the token table: [tokens, hidden]. */
function textTokens({ tokenizer, embedder, decoder }: GenerationParts, text: string): Float32Array {
  const ids = tokenizer.encodeText(text);
  const { contextLength } = decoder.config;
  if (ids.length === 0) throw new AppError('invalid_request', 'There is no text to embed.');
  if (ids.length > contextLength) throw promptTooLong(ids.length, contextLength);
  const rows = new Float32Array(ids.length * embedder.width);
  for (const [index, id] of ids.entries()) embedder.embed(id, rows, index * embedder.width);
  return rows;
}

function joined(tiles: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(tiles.reduce((sum, tile) => sum + tile.length, 0));
  let at = 0;
  for (const tile of tiles) {
    out.set(tile, at);
    at += tile.length;
  }
  return out;
}

/** @param tokens [tokens, width] @returns [width], of length 1; summed in float64, so that many tokens lose nothing */
export function meanDirection(tokens: Float32Array, width: number): Float32Array {
  const sum = new Float64Array(width);
  for (const [index, value] of tokens.entries()) sum[index % width]! += value;
  const length = Math.hypot(...sum) || 1;
  return Float32Array.from(sum, (value) => value / length);
}
