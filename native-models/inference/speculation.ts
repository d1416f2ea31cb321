/**
 * Logits after each token said, where several tokens may be read in one run: guesses ride along with the token before
 * them, and each that is then said has its logits already. Every token is still chosen by the one sampler from logits
 * after exactly what was said, so greedy answers, draws of a seed, penalties, forms and log-probabilities are what they
 * are without, up to the order of sums (docs/speed.md says what that is in int4).
 */
import type { GenerationParts } from './generate.ts';
import { createPromptLookup } from './prompt-lookup.ts';
import { freeLogits } from './run-turns.ts';
import type { Sequence } from './sequence.ts';

export interface AnswerSteps {
  /**
   * Logits [vocabulary] after the sequence's last token, until the next call. Rejects with the signal's reason after an abort.
   * @param room tokens that may still be said after the next one: more are never guessed
   */
  next(room: number): Promise<Float32Array>;
  /** Forgets the keys and values of what was guessed and not said. */
  end(): void;
}

/** A run with guesses whose logits are not all used yet. */
interface Guessed {
  ids: readonly number[];
  /** Tokens of the sequence when they were made; the cache then holds `from` and the guesses. */
  from: number;
  /** [guesses + 1, vocabulary] */
  logits: Float32Array;
  agreed: number;
}

/** Half a character reads as U+FFFD: close enough for a guess. */
const spelling = new TextDecoder();

/** @param sequence grows by what is said, one token between two steps; its cache lacks the last one */
export function createAnswerSteps(
  { tokenizer, embedder, decoder, turns, suppressed }: GenerationParts,
  sequence: Sequence,
  signal: AbortSignal,
): AnswerSteps {
  const { key, cache } = sequence;
  const { vocabularySize } = decoder.config;
  const unsaid = new Set([...suppressed, ...tokenizer.stopIds]);
  const lookup = createPromptLookup([...key.ids], {
    textOf: (id) => spelling.decode(tokenizer.tokenBytes(id)),
    isUnsaid: (id) => unsaid.has(id),
  });
  const inTurn = turns.forReader(sequence.owner ?? '', signal);
  let guessed: Guessed | null = null;
  const own = new Float32Array(vocabularySize);

  /** Embeddings of the sequence's last token and of what is guessed behind it, [1 + guesses, hidden]. */
  function embed(guesses: readonly number[]): Float32Array {
    const hidden = new Float32Array((1 + guesses.length) * embedder.width);
    for (const [row, id] of [key.ids.at(-1)!, ...guesses].entries())
      embedder.embed(id, hidden, row * embedder.width);
    return hidden;
  }

  /** The logits after the last token where it is what was guessed. */
  function known(): Float32Array | null {
    if (!guessed || guessed.ids[guessed.agreed] !== key.ids.at(-1)) return null;
    guessed.agreed += 1;
    const row = guessed.agreed;
    return guessed.logits.subarray(row * vocabularySize, (row + 1) * vocabularySize);
  }

  function forgetGuesses(): void {
    if (!guessed) return;
    cache.truncate(guessed.from + guessed.agreed);
    lookup.learn(guessed.agreed);
    freeLogits(guessed.logits);
    guessed = null;
  }

  return {
    async next(room) {
      const logits = known();
      if (logits) return logits;
      forgetGuesses();
      const position = key.positions.at(-1)!;
      // Beside others, a run of one token of each pays more.
      const ids = turns.writerCount() === 1 ? lookup.guess(key.ids, room) : [];
      const hidden = embed(ids);
      if (ids.length === 0) {
        return turns.decode({ decoder, cache, hidden, position, signal, logits: own });
      }
      const rows = Array.from({ length: ids.length + 1 }, (_, row) => row);
      const positions = Float32Array.from(rows, (row) => position + row);
      const from = key.ids.length;
      const all = await inTurn(() => decoder.run({ hidden, positions, cache, logitRows: rows }));
      guessed = { ids, from, logits: all, agreed: 0 };
      return all.subarray(0, vocabularySize);
    },
    end: forgetGuesses,
  };
}
