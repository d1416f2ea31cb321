import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readLogprobs } from '../../native-models/inference/logprobs.ts';
import { createTokenChooser } from '../../native-models/inference/token-chooser.ts';

const tokenizer = { tokenBytes: (id: number) => Uint8Array.of(id) };

test('log-probabilities are the log-softmax, the likeliest falling, of equals the lower id first', () => {
  const value = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constant(-Infinity));
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 2, maxLength: 40 }),
      fc.nat(20),
      fc.nat(39),
      (list, count, pick) => {
        fc.pre(list.some(Number.isFinite));
        const logits = Float32Array.from(list);
        const chosen = pick % list.length;
        const sum = list.reduce((total, logit) => total + Math.exp(logit), 0);
        const expected = list.map((logit) => Math.log(Math.exp(logit) / sum));
        const { id, logprob, top, bytes } = readLogprobs(logits, count, tokenizer)(chosen);
        assert.deepEqual([id, bytes], [chosen, [chosen]]);
        assert.ok(logprob === expected[chosen] || Math.abs(logprob - expected[chosen]!) < 1e-6);
        const ranked = [...list.keys()]
          .filter((each) => list[each] !== -Infinity)
          .sort((a, b) => list[b]! - list[a]! || a - b)
          .slice(0, count);
        assert.deepEqual(
          top.map((each) => each.id),
          ranked,
        );
      },
    ),
    { seed: 3, numRuns: 500 },
  );
});

test('they tell what the model held, before temperature, limits and penalty; suppressed ids have no share', async () => {
  const parts = {
    tokenizer: { ...tokenizer, stopIds: [] },
    suppressed: [3],
    formats: () => Promise.reject(new Error('no form')),
  } as unknown as Parameters<typeof createTokenChooser>[0];
  const options = { temperature: 5, topK: 1, repetitionPenalty: 50, topLogprobs: 3 };
  const chooser = await createTokenChooser(parts, options, [0]);
  const { id, logprobs } = await chooser.choose(Float32Array.of(Math.log(6), Math.log(3), Math.log(1), 99));
  assert.equal(id, 1, 'the penalty moves the choice');
  const shares = logprobs?.[0]?.top.map(({ id: each, logprob }) => [
    each,
    Math.round(Math.exp(logprob) * 10),
  ]);
  assert.deepEqual(shares, [
    [0, 6],
    [1, 3],
    [2, 1],
  ]);
  const silent = await createTokenChooser(parts, { temperature: 0 }, []);
  assert.equal((await silent.choose(Float32Array.of(1, 2, 3, 4))).logprobs, undefined);
});
