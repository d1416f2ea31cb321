/** A tile's visual tokens and a sequence's logits never depend on neighbours, batches, chunks or the cache's state. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { InTurn } from '../../native-models/inference/run-turns.ts';
import { toPixelValues } from '../../native-models/media/pixel-values.ts';
import { likeliest, relativeError } from '../support/golden-cases.ts';
import { noisePicture, openTinyModel } from '../support/tiny-model.ts';

const atOnce: InTurn = (work) => work();

/**
 * fp32 sums may be taken in another order; int8 rounding makes of that at most a step in a few activations. Where a row
 * is 64 wide, as here, and rounded by blocks of 32, one such step can move a logit by 2 % of the largest.
 */
const tolerance = { fp32: 1e-5, int8: 2e-3, int4: 3e-2 } as const;

for (const precision of ['fp32', 'int8', 'int4'] as const) {
  test(`${precision}: a tile alone equals the tile beside a loud one, in any order`, async (t) => {
    const { parts, description } = await openTinyModel(t, precision);
    const picture = noisePicture(description, { width: 224, height: 112 });
    const quiet = toPixelValues(picture.pixels.subarray(0, 112 * 112 * 3), 112);
    const loud = quiet.map((value) => value * 50);
    const alone = await parts.vision.encode(quiet, 1, atOnce);
    const pair = new Float32Array([...loud, ...quiet]);
    const beside = (await parts.vision.encode(pair, 2, atOnce)).subarray(alone.length);
    const reversed = await parts.vision.encode(new Float32Array([...quiet, ...loud]), 2, atOnce);
    assert.ok(relativeError(beside, alone) < tolerance[precision], `${relativeError(beside, alone)}`);
    assert.ok(relativeError(reversed.subarray(0, alone.length), alone) < tolerance[precision]);
  });

  test(`${precision}: logits are the same for every way of cutting the prompt, with and without a shared prefix`, async (t) => {
    const { parts } = await openTinyModel(t, precision);
    const { decoder, embedder } = parts;
    const ids = Array.from({ length: 70 }, (_, i) => (i * 37) % 250);
    const width = decoder.config.hiddenSize;
    const hidden = new Float32Array(ids.length * width);
    for (const [at, id] of ids.entries()) embedder.embed(id, hidden, at * width);
    const run = async (cuts: number[], fork: boolean) => {
      let cache = decoder.createCache();
      let logits = new Float32Array(0);
      for (let part = 0; part < cuts.length; part++) {
        const first = cuts[part]!;
        const end = cuts[part + 1] ?? ids.length;
        if (fork && part > 0) cache = cache.fork();
        logits = Float32Array.from(
          await decoder.run({
            hidden: hidden.slice(first * width, end * width),
            positions: Float32Array.from({ length: end - first }, (_, i) => first + i),
            cache,
            logitRows: [end - first - 1],
          }),
        );
      }
      return logits;
    };
    const whole = await run([0], false);
    // At int4 a token at the edge of those weighed again may have its 4-bit logit in one run and its 8-bit one in another.
    const heard = precision === 'int4' ? likeliest(whole, 64) : [...whole.keys()];
    const pick = (logits: Float32Array) => Float32Array.from(heard, (id) => logits[id]!);
    for (const cuts of [
      [0, 1],
      [0, 69],
      [0, 16, 32, 48, 64],
      [0, 7, 9, 40],
    ]) {
      for (const fork of [false, true]) {
        const error = relativeError(pick(await run(cuts, fork)), pick(whole));
        assert.ok(error < tolerance[precision], `cuts ${cuts}, fork ${fork}: ${error}`);
      }
    }
  });
}
