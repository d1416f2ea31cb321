import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  type FallbackCandidate,
  fewestThatMeet,
  mostProbes,
  rankFallbacks,
} from '../../native-models/fidelity/choose-fallbacks.ts';
import { describeFidelity } from '../../native-models/fidelity/describe-fidelity.ts';
import { type FidelityReport, targetsFor } from '../../native-models/fidelity/fidelity-report.ts';
import { nextName } from '../../native-models/fidelity/rewrite-folder.ts';
import { sampleSequences } from '../../native-models/fidelity/sample-sequences.ts';
import {
  addPosition,
  compareVisualTokens,
  emptyTally,
  summarise,
} from '../../native-models/fidelity/token-fidelity.ts';
import { loadTokenizer } from '../../native-models/text/tokenizer.ts';
import { noisePicture, tinyCheckpoint } from '../support/tiny-model.ts';

const near = (actual: number, expected: number, within = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);

test('KL, agreement and perplexity are those of distributions worked out by hand', () => {
  const tally = emptyTally();
  const logits = (...shares: number[]) => Float32Array.from(shares, (share) => Math.log(share) + 3);
  addPosition(tally, { reference: logits(0.5, 0.25, 0.25), model: logits(0.25, 0.5, 0.25), next: 0 });
  addPosition(tally, { reference: logits(0.8, 0.1, 0.1), model: logits(0.8, 0.1, 0.1), next: 1 });
  const { positions, topOneAgreement, klDivergence, referencePerplexity, perplexity } = summarise(tally);
  assert.equal(positions, 2);
  assert.equal(topOneAgreement, 0.5);
  near(klDivergence, (0.5 * Math.log(2) - 0.25 * Math.log(2)) / 2);
  near(referencePerplexity, Math.sqrt(2 * 10), 1e-4);
  near(perplexity, Math.sqrt(4 * 10), 1e-4);
});

test('the cosine of a visual token is 1 with itself, −1 with its opposite, and the worst one is kept', () => {
  const tile = Float32Array.of(3, 4, 1, 0, 0, 0);
  assert.deepEqual(compareVisualTokens([tile], [tile], 2), { visualTokens: 3, cosineMean: 1, cosineMin: 1 });
  const { cosineMean, cosineMin } = compareVisualTokens([tile], [Float32Array.of(6, 8, -2, 0, 1, 0)], 2);
  near(cosineMean, 0);
  assert.equal(cosineMin, -1);
});

const candidate = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  precision: fc.constantFrom('int8' as const, 'fp16' as const),
  gain: fc.double({ min: -1, max: 1, noNaN: true }),
  addedBytes: fc.integer({ min: 1, max: 100 }),
});

test('wider matrices stay within the budget, each is taken once, and none that gains nothing', () => {
  fc.assert(
    fc.property(fc.array(candidate), fc.integer({ min: 0, max: 300 }), (candidates, budget) => {
      const ranked = rankFallbacks(candidates, budget);
      const ratios = ranked.map(({ gain, addedBytes }) => gain / addedBytes);
      assert.ok(ranked.reduce((sum, { addedBytes }) => sum + addedBytes, 0) <= budget);
      assert.equal(new Set(ranked.map(({ name }) => name)).size, ranked.length);
      assert.ok(ranked.every(({ gain }) => gain > 0));
      assert.deepEqual(
        ratios,
        ratios.toSorted((a, b) => b - a),
      );
    }),
    { seed: 6 },
  );
});

test('the search takes as few matrices as meet the target, wherever that lies, and asks no oftener than it says', async () => {
  const ranked: FallbackCandidate[] = Array.from({ length: 13 }, (_, index) => ({
    name: `${index}`,
    precision: 'fp16',
    gain: 1,
    addedBytes: 1,
  }));
  for (let needed = 1; needed <= 13; needed++) {
    let probes = 0;
    const measure = async (taken: readonly FallbackCandidate[]) => {
      probes++;
      return taken.length;
    };
    const found = await fewestThatMeet(ranked, measure, {
      met: (count) => count >= needed,
      better: () => true,
    });
    assert.equal(found?.taken.length, needed);
    assert.ok(probes <= mostProbes(13), `${probes} probes`);
  }
  const never = { met: () => false, better: (count: number) => count > 5 };
  assert.equal((await fewestThatMeet(ranked, async ({ length }) => length, never))?.taken.length, 13);
  assert.equal(await fewestThatMeet(ranked.slice(0, 5), async ({ length }) => length, never), null);
  assert.equal(await fewestThatMeet([], async ({ length }) => length, never), null);
});

test('a question is compared from its picture’s end on, a text everywhere, and nothing at the last token', async () => {
  const tokenizer = await loadTokenizer(tinyCheckpoint);
  const picture = noisePicture({ tileSize: 112 } as never, { width: 300, height: 150 });
  const config = {
    vision: { imageSize: 112, patchSize: 14 },
    downsampleRatio: 0.5,
    decoder: { contextLength: 8 },
  };
  const samples = [{ text: 'abcdefghijk' }, { picture, question: 'What?', answer: 'Noise.' }];
  const given = { tokenizer, config: config as never, systemText: null };
  const [first, second, question] = sampleSequences(samples, given);
  assert.deepEqual([first!.ids.length, first!.rows], [8, [0, 1, 2, 3, 4, 5, 6]]);
  assert.ok(second!.rows.length > 0 && second!.slot === null);
  const { ids, rows, slot } = question!;
  assert.deepEqual([slot!.firstTile, slot!.tileCount], [0, 3]);
  const { imgContext, imgEnd } = tokenizer.control;
  assert.deepEqual(
    Array.from(ids.slice(slot!.start, slot!.start + 48)),
    Array.from({ length: 48 }, () => imgContext),
  );
  assert.equal(ids[slot!.start + 48], imgEnd);
  assert.deepEqual([rows[0], rows.at(-1)], [slot!.start + 48, ids.length - 2]);
});

const report: FidelityReport = {
  checkedAt: '2026-11-23T12:00:00.000Z',
  pictures: 1,
  tiles: 1,
  measured: {
    vision: { visualTokens: 256, cosineMean: 0.99999, cosineMin: 0.99812 },
    text: {
      positions: 1200,
      topOneAgreement: 0.9849,
      klDivergence: 0.0042,
      referencePerplexity: 9.1234,
      perplexity: 9.2,
    },
  },
  targets: targetsFor('int8'),
  kept: [],
  budgetBytes: 1000,
};

test('a report is told with its verdict first, and shares are never rounded up', () => {
  const told = describeFidelity(report);
  assert.deepEqual(
    told.map(({ key }) => key),
    ['fidelity.same', 'fidelity.tokens', 'fidelity.perplexity', 'fidelity.vision'],
  );
  assert.deepEqual(told[1]!.values, { agreement: '98.4', positions: '1200', kl: '0.0042' });
  assert.match(told[3]!.sentence, /99\.99 % on average and 99\.81 % at worst/);
});

test('a report that misses its aims says so, and so do matrices that were kept wider', () => {
  const text = { ...report.measured.text, klDivergence: 0.2, topOneAgreement: 0.7 };
  const vision = { visualTokens: 256, cosineMean: 0.99, cosineMin: 0.9 };
  const kept = [{ name: 'vision.3.fc2', precision: 'fp16' as const, addedBytes: 4_200_000 }];
  const told = describeFidelity({ ...report, measured: { text, vision }, kept });
  assert.equal(told[0]!.key, 'fidelity.loose');
  assert.ok(told.some(({ key }) => key === 'fidelity.visionMissed'));
  assert.match(told.at(-1)!.sentence, /: 1 matrices, 4\.2 MB/);
});

test('a data file written anew gets a name that no earlier one had', () => {
  assert.deepEqual(['vision.bin', 'vision-2.bin', 'lm-head.bin'].map(nextName), [
    'vision-2.bin',
    'vision-3.bin',
    'lm-head-2.bin',
  ]);
});
