/** A stream cut into pieces, and what a streaming parser made of them with its cuts in the text removed. */
import assert from 'node:assert/strict';
import fc from 'fast-check';

/** At these places, counted round the text's end. */
export function splitAt(text: string, cuts: readonly number[]): string[] {
  const places = cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b);
  return [...places, text.length].map((end, index) => text.slice(places[index - 1] ?? 0, end));
}

/**
 * Asserts that any split of an answer made of `bits` gives the same segments, and that nothing of it is lost.
 * @returns how many of the segments were no text
 */
export function checkAnySplit<Segment extends { type: string }>(
  bits: readonly string[],
  {
    parse,
    writeBack,
    seed,
  }: { parse: (...pieces: string[]) => Segment[]; writeBack: (segments: Segment[]) => string; seed: number },
): number {
  const anyAnswer = fc.array(fc.constantFrom(...bits), { maxLength: 30 }).map((parts) => parts.join(''));
  let found = 0;
  fc.assert(
    fc.property(anyAnswer, fc.array(fc.nat(200), { maxLength: 12 }), (answer, cuts) => {
      const whole = parse(answer);
      assert.equal(writeBack(whole), answer);
      assert.deepEqual(parse(...splitAt(answer, cuts)), whole);
      assert.deepEqual(parse(...answer), whole, 'character by character');
      found += whole.filter(({ type }) => type !== 'text').length;
    }),
    { seed, numRuns: 3000 },
  );
  return found;
}

/** Neighbouring texts as one, in new objects. */
export function joinTexts<Segment extends { type: string }>(
  segments: readonly (Segment | { type: 'text'; text: string })[],
): (Segment | { type: 'text'; text: string })[] {
  const joined: (Segment | { type: 'text'; text: string })[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    if ('text' in segment && last && 'text' in last) last.text += segment.text;
    else joined.push({ ...segment });
  }
  return joined;
}

interface StreamParser<Segment> {
  push(piece: string): Segment[];
  flush(): Segment[];
}

/**
 * Feeds answers of a megabyte made of one hostile part each, whole and character by character, and asserts that nothing
 * of them is lost and that the time grows with their length only.
 * @param writeBack the text that segments were read from
 */
export function checkHostileAnswers<Segment>(
  parts: readonly string[],
  createParser: () => StreamParser<Segment>,
  writeBack: (segments: Segment[]) => string,
): void {
  for (const part of parts) {
    for (const { answerLength, pieceLength } of [
      { answerLength: 2 ** 20, pieceLength: 2 ** 20 },
      { answerLength: 2 ** 17, pieceLength: 1 },
    ]) {
      const answer = part.repeat(answerLength / part.length);
      const parser = createParser();
      const startedMs = performance.now();
      let length = 0;
      for (let at = 0; at < answer.length; at += pieceLength)
        length += writeBack(parser.push(answer.slice(at, at + pieceLength))).length;
      assert.equal(length + writeBack(parser.flush()).length, answer.length);
      const elapsedMs = performance.now() - startedMs;
      // Under 1.2 s for a megabyte on two busy cores; a step in the square of the length takes minutes.
      assert.ok(elapsedMs < 10_000, `${part} … in pieces of ${pieceLength} took ${elapsedMs} ms`);
    }
  }
}
