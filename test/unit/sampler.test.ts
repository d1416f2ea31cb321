import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { penaliseRepetition, suppressTokens } from '../../native-models/inference/logits-processors.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { argMax, sampleToken } from '../../native-models/inference/sampler.ts';

const all = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** Draws many tokens and counts them. */
function drawCounts(logits: number[], choice: typeof all, draws = 20_000): number[] {
  const random = createRandom(7);
  const counts = logits.map(() => 0);
  for (let i = 0; i < draws; i++) counts[sampleToken(Float32Array.from(logits), choice, random)]!++;
  return counts;
}

test('temperature 0 takes the likeliest token, the first of equals', () => {
  assert.equal(
    sampleToken(Float32Array.of(1, 3, 3, 2), { ...all, temperature: 0 }, () => 0.99),
    1,
  );
  assert.equal(argMax(Float32Array.of(-5, -1, -3)), 1);
});

test('drawn frequencies follow the softmax at the given temperature', () => {
  const logits = [2, 1, 0, -1];
  for (const temperature of [0.5, 1, 2]) {
    const weights = logits.map((logit) => Math.exp(logit / temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const counts = drawCounts(logits, { ...all, temperature });
    for (const [id, weight] of weights.entries()) {
      assert.ok(
        Math.abs(counts[id]! / 20_000 - weight / total) < 0.015,
        `token ${id} at temperature ${temperature}`,
      );
    }
  }
});

test('top-k keeps the k likeliest tokens', () => {
  const counts = drawCounts([0, 3, 1, 2], { ...all, topK: 2 });
  assert.deepEqual(
    counts.map((count) => count > 0),
    [false, true, false, true],
  );
});

test('top-p keeps the smallest set that reaches p', () => {
  // probabilities 0.643, 0.237, 0.087, 0.032: 0.8 needs the first two
  const counts = drawCounts([3, 2, 1, 0], { ...all, topP: 0.8 });
  assert.deepEqual(
    counts.map((count) => count > 0),
    [true, true, false, false],
  );
});

test('min-p drops what is less likely than its share of the likeliest', () => {
  const counts = drawCounts([3, 2, 1, 0], { ...all, minP: 0.3 }); // e⁻¹ = 0.368 stays, e⁻² = 0.135 goes
  assert.deepEqual(
    counts.map((count) => count > 0),
    [true, true, false, false],
  );
});

test('equal seeds draw equal tokens, other seeds others', () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 50 }, () => sampleToken(new Float32Array(100), all, random));
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
});

test('the generator is uniform in [0, 1)', () => {
  const random = createRandom(3);
  const bins = new Array(10).fill(0);
  for (let i = 0; i < 100_000; i++) bins[Math.floor(random() * 10)]++;
  for (const count of bins) assert.ok(Math.abs(count - 10_000) < 400);
});

test('a repetition penalty makes seen tokens less likely on both sides of zero', () => {
  const logits = Float32Array.of(2, -2, 1);
  penaliseRepetition(logits, [0, 1, 99], 2);
  assert.deepEqual([...logits], [1, -4, 1]);
});

test('suppressed ids can never be drawn', () => {
  const logits = Float32Array.of(5, 1, 1);
  suppressTokens(logits, [0, 700]);
  assert.equal(sampleToken(logits, all, () => 0) > 0, true);
  assert.equal(argMax(logits), 1);
});

test('logits that are no numbers are a broken model, greedy or not', () => {
  const { NaN: none, POSITIVE_INFINITY: infinite } = Number;
  for (const logits of [
    [none, none, none],
    [none, 1, 2],
    [-infinite, none, none], // the first token is one of those never said
    [1, infinite, 2],
    [-infinite, -infinite, -infinite],
  ]) {
    for (const temperature of [0, 1]) {
      assert.throws(() => sampleToken(Float32Array.from(logits), { ...all, temperature }, () => 0.5), {
        code: 'model_folder_broken',
      });
    }
  }
  assert.equal(
    sampleToken(Float32Array.of(-infinite, 1), all, () => 0.5),
    1,
  );
});

test('a NaN among numbers is a broken model too, wherever it stands', () => {
  for (const at of [0, 1, 2]) {
    const logits = Float32Array.of(1, 2, 3).fill(Number.NaN, at, at + 1);
    assert.throws(() => sampleToken(logits, { ...all, temperature: 0 }, () => 0), {
      code: 'model_folder_broken',
    });
  }
});

/** The limits as they are defined, without a thought for speed: which tokens may be drawn. */
function allowedByDefinition(logits: number[], { temperature, topK, topP, minP }: typeof all): number[] {
  const peak = Math.max(...logits);
  const sorted = logits
    .map((logit, id) => ({ id, weight: Math.exp((Math.fround(logit) - Math.fround(peak)) / temperature) }))
    .sort((a, b) => b.weight - a.weight);
  const byCount = topK > 0 ? sorted.slice(0, topK) : sorted;
  const total = byCount.reduce((sum, { weight }) => sum + weight, 0);
  let left = topP * total;
  const byMass = byCount.filter(({ weight }) => {
    const stays = left > 0;
    left -= weight;
    return stays;
  });
  return byMass.filter(({ weight }) => weight >= minP).map(({ id }) => id);
}

test('any limits together let exactly those tokens stay that their definitions do', () => {
  const choice = fc.record({
    temperature: fc.double({ min: 0.2, max: 3, noNaN: true }),
    topK: fc.nat(12),
    topP: fc.constantFrom(1, 0.99, 0.9, 0.5, 0.1),
    minP: fc.constantFrom(0, 0, 0.01, 0.3),
  });
  // distinct logits: of equal ones at a limit all stay, which the test below shows
  const logits = fc.uniqueArray(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(logits, choice, (tenths, limits) => {
      const values = tenths.map((tenth) => tenth / 10);
      const drawn = new Set<number>();
      for (let i = 0; i <= 2000; i++) {
        drawn.add(sampleToken(Float32Array.from(values), limits, () => Math.min(i / 2000, 1 - 2 ** -32)));
      }
      const allowed = allowedByDefinition(values, limits);
      for (const id of drawn) assert.ok(allowed.includes(id), `${id} of ${allowed}`);
      const peak = Math.max(...values);
      const weightOf = (id: number) => Math.exp((values[id]! - peak) / limits.temperature);
      const total = allowed.reduce((sum, id) => sum + weightOf(id), 0);
      for (const id of allowed)
        if (weightOf(id) / total > 1 / 1000) assert.ok(drawn.has(id), `${id} is missing`);
    }),
    { seed: 13, numRuns: 80 },
  );
});

test('of equally likely tokens at a limit all stay', () => {
  const counts = drawCounts([1, 2, 1, 1], { ...all, topK: 2 });
  assert.ok(counts.every((count) => count > 0));
});
