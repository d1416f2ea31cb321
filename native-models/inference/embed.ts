/** What a picture or a text is alike to: its tokens, as the language model would read them, averaged into one vector. */
import { AppError } from '../../preload/contract/errors.ts';
import { type GenerationParts, told } from './generate.ts';
import type { EmbeddingEvent, EmbeddingRequest } from './generation-types.ts';
import { promptTooLong } from './visual-position-step.ts';
import { encodePictures, joinTiles, ownTokens } from './visual-tokens.ts';

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
  const inTurn = parts.turns.forReader(client, signal);
  const encoding = { encoder: parts.vision, cache: ownTokens(parts.visualTokenCache, client), inTurn };
  const tokens =
    part.type === 'text'
      ? textTokens(parts, part.text)
      : joinTiles((yield* told('vision', encodePictures(part.pictures, encoding))).flat());
  const { width } = parts.embedder;
  yield { type: 'embedding', vector: meanDirection(tokens, width), tokenCount: tokens.length / width };
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

/** @param tokens [tokens, width] @returns [width], of length 1; summed in float64, so that many tokens lose nothing */
function meanDirection(tokens: Float32Array, width: number): Float32Array {
  const sum = new Float64Array(width);
  for (const [index, value] of tokens.entries()) sum[index % width]! += value;
  const length = Math.hypot(...sum) || 1;
  return Float32Array.from(sum, (value) => value / length);
}
