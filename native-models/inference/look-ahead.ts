/** Looks at pictures before anybody asks about them, while nothing else needs the model; what is never asked about is forgotten. */
import type { PictureTiles } from '../media/tiles.ts';
import type { GenerationParts } from './generate.ts';
import { createVisualTokenCache, encodePictures, ownTokens, type VisualTokenCache } from './visual-tokens.ts';

/** Where tokens wait that no question has needed yet. */
export interface LookedAhead {
  /** The cache of questions: a tile that was looked at ahead is kept from the first question on. */
  cache: VisualTokenCache;
  /** A place for one look ahead's tiles; they are forgotten some seconds after its end. */
  begin(): { cache: VisualTokenCache; end(): void };
}

/** A question takes a moment from the page to the model, and the pictures leave the page as it is sent. */
const usualGraceMs = 10_000;
/** Bytes of one look ahead: more than a person asks about at once. */
const mostBytes = 256 * 1024 * 1024;

/** @param kept what questions have needed */
export function createLookedAhead(kept: VisualTokenCache, graceMs = usualGraceMs): LookedAhead {
  const waiting = new Set<VisualTokenCache>();
  const find = (hash: string) => {
    for (const place of waiting) {
      const tokens = place.get(hash);
      if (tokens) return tokens;
    }
    return undefined;
  };
  return {
    cache: {
      get(hash) {
        const known = kept.get(hash);
        if (known) return known;
        const ahead = find(hash);
        if (ahead) kept.set(hash, ahead);
        return ahead;
      },
      set: kept.set,
    },
    begin() {
      const own = createVisualTokenCache(mostBytes);
      waiting.add(own);
      return {
        cache: { get: (hash) => kept.get(hash) ?? find(hash), set: own.set },
        end() {
          setTimeout(() => waiting.delete(own), graceMs).unref();
        },
      };
    },
  };
}

export interface LookRequest {
  pictures: readonly PictureTiles[];
  /** As in a question. */
  client?: string | undefined;
}

/**
 * Encodes the pictures in the background, then waits until it is left. Yields progress in tiles.
 * @throws AppError `invalid_request` for tiles of another size than the model's
 */
export async function* lookAhead(
  parts: Pick<GenerationParts, 'lookedAhead' | 'vision' | 'turns' | 'visualTokenType'>,
  { pictures, client = '' }: LookRequest,
  signal: AbortSignal,
): AsyncGenerator<{ type: 'vision'; done: number; total: number }, void, void> {
  const place = parts.lookedAhead.begin();
  try {
    const inTurn = parts.turns.forReader(client, signal, { isBackground: true });
    const work = encodePictures(pictures, {
      encoder: parts.vision,
      cache: ownTokens(place.cache, client),
      type: parts.visualTokenType,
      inTurn,
    });
    for await (const progress of work) yield { type: 'vision', ...progress };
    const total = pictures.reduce((sum, { tileCount }) => sum + tileCount, 0);
    yield { type: 'vision', done: total, total }; // also where everything was known
    await untilAborted(signal);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  } finally {
    place.end();
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
