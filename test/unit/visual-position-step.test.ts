/** V2PE's positions and the choice of δ, against the paper's recurrence written out (arXiv 2412.09616). */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { keyOf } from '../../native-models/inference/sequence.ts';
import {
  choosePositionStep,
  visualPositionSteps,
} from '../../native-models/inference/visual-position-step.ts';
import type { Prompt } from '../../native-models/text/prompt.ts';

/** Stretches of text and pictures by turns, as token counts. */
function promptOf(stretches: readonly { text: number; picture: number }[]): {
  prompt: Prompt;
  isVisual: boolean[];
} {
  const isVisual: boolean[] = [];
  const slots: Prompt['slots'] = [];
  for (const { text, picture } of stretches) {
    isVisual.push(...new Array(text).fill(false));
    if (picture > 0) {
      slots.push({
        start: isVisual.length,
        length: picture,
        pictureIndex: slots.length,
        hash: `p${slots.length}`,
      });
    }
    isVisual.push(...new Array(picture).fill(true));
  }
  return { prompt: { ids: new Int32Array(isVisual.length), slots }, isVisual };
}

/** p₀ = 0; pᵢ = pᵢ₋₁ + 1 where token i is text, + δ where it is visual. */
function reference(isVisual: readonly boolean[], step: number): number[] {
  const positions = [0];
  for (let i = 1; i < isVisual.length; i++) positions.push(positions[i - 1]! + (isVisual[i] ? step : 1));
  return positions;
}

const stretches = fc.array(fc.record({ text: fc.nat(20), picture: fc.nat(60) }), {
  minLength: 1,
  maxLength: 6,
});
const startsWithText = stretches.map((list) => [{ text: 1, picture: 0 }, ...list]);

test('positions equal the recurrence for every δ, exactly: powers of two add without rounding', () => {
  fc.assert(
    fc.property(startsWithText, fc.constantFrom(...visualPositionSteps), (list, step) => {
      const { prompt, isVisual } = promptOf(list);
      assert.deepEqual(keyOf(prompt, step).positions, reference(isVisual, step));
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('auto keeps 1 where the prompt fits, else takes the largest δ that leaves room; the count left is exact', () => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(startsWithText, fc.integer({ min: 8, max: 200 }), (list, length) => {
      const { prompt, isVisual } = promptOf(list);
      const answerRoom = Math.floor(length / 8);
      /** Tokens of an answer whose positions stay below the trained ones. */
      const leftWith = (step: number) => {
        const last = reference(isVisual, step).at(-1)!;
        let left = 0;
        while (last + left + 1 <= length - 1) left += 1;
        return left;
      };
      const fitting = visualPositionSteps.filter((step) => leftWith(step) >= 1);
      if (fitting.length === 0) {
        assert.throws(() => choosePositionStep(prompt, 'auto', { length, answerRoom }), {
          code: 'context_too_long',
        });
        return;
      }
      const { step, left } = choosePositionStep(prompt, 'auto', { length, answerRoom });
      seen.add(step);
      assert.equal(left, leftWith(step));
      const expected =
        leftWith(1) >= 1 ? 1 : (fitting.find((each) => leftWith(each) >= answerRoom) ?? fitting[0]);
      assert.equal(step, expected);
    }),
    { seed: 7, numRuns: 1000 },
  );
  assert.ok(seen.size >= 5, `only ${[...seen]} were chosen`);
});

test('a given δ is taken as it is, and refused with the numbers where the prompt does not fit', () => {
  const { prompt } = promptOf([{ text: 10, picture: 100 }]);
  const context = { length: 64, answerRoom: 8 };
  assert.deepEqual(choosePositionStep(prompt, 1 / 4, context), { step: 1 / 4, left: 29 });
  assert.throws(() => choosePositionStep(prompt, 1, context), {
    code: 'context_too_long',
    message: /110.*64/,
  });
});

test('text alone fits by its tokens, whatever δ', () => {
  const { prompt } = promptOf([{ text: 63, picture: 0 }]);
  assert.deepEqual(choosePositionStep(prompt, 'auto', { length: 64, answerRoom: 8 }), { step: 1, left: 1 });
  const full = promptOf([{ text: 64, picture: 0 }]).prompt;
  assert.throws(() => choosePositionStep(full, 'auto', { length: 64, answerRoom: 8 }), {
    code: 'context_too_long',
  });
});
