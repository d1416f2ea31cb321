/**
 * A few ratios that make the engine fast, with wide margins, so that losing one does not go unnoticed until somebody
 * runs `npm run bench -- engine`. Times on a shared machine are compared with each other alone, the least of several.
 */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { ModelConfig } from '../../native-models/architectures/model-config.ts';
import { type Decoder, openDecoder } from '../../native-models/inference/decoder.ts';
import { cpuDevice } from '../../native-models/inference/device.ts';
import { openVisionEncoder } from '../../native-models/inference/vision-encoder.ts';
import { makeSyntheticModel, type SyntheticPrecision } from '../../native-models/probe/synthetic-model.ts';
import { familyShapes } from '../support/family-shapes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const full = familyShapes[0]!.config;
/** One ViT layer at full width, and one of the decoder's. */
const shape: ModelConfig = {
  ...full,
  vision: { ...full.vision, layerCount: 1 },
  decoder: { ...full.decoder, layerCount: 1, vocabularySize: 1024 },
};
const onCpu = { device: cpuDevice, threads: 0 };
const rounds = 4;

/** Least times of two works, in turns; each is done once before. */
async function compare(first: () => Promise<unknown>, second: () => Promise<unknown>) {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as [number, number];
  for (let round = 0; round <= rounds; round++) {
    for (const [index, work] of [first, second].entries()) {
      const startedMs = performance.now();
      await work();
      if (round > 0) least[index] = Math.min(least[index]!, performance.now() - startedMs);
    }
  }
  return least[0] / least[1];
}

async function openEncoder(t: TestContext, precision: SyntheticPrecision) {
  const folder = await makeSyntheticModel(await temporaryFolder(t), shape, { precision });
  const encoder = await openVisionEncoder(folder, onCpu);
  t.after(() => encoder.close());
  const pixels = new Float32Array(3 * 448 * 448).fill(0.5);
  return { folder, encode: () => encoder.encode(pixels, 1, (run) => run()) };
}

/** Reads this many tokens behind 512, in runs of `rows`, and forgets them. */
function reader(decoder: Decoder, room = 1024) {
  const { hiddenSize } = decoder.config;
  const cache = decoder.createCache();
  const read = async (from: number, count: number) => {
    const hidden = new Float32Array(count * hiddenSize).fill(0.5);
    const positions = Float32Array.from({ length: count }, (_, i) => from + i);
    await decoder.run({ hidden, positions, cache, logitRows: [count - 1] });
  };
  cache.reserve(room);
  return {
    start: () => read(0, 512),
    async read(count: number, rows: number) {
      for (let from = 512; from < 512 + count; from += rows) await read(from, rows);
      cache.truncate(512);
    },
  };
}

const int8Gain = 1.15;
const togetherGain = 1.25;
const roomGain = 1.25;

test('what makes the engine fast is still there', async (t) => {
  const wide = await openEncoder(t, 'fp32');
  const narrow = await openEncoder(t, 'mixed');
  const decoder = await openDecoder(narrow.folder, onCpu);
  t.after(() => decoder.close());

  await t.test('a full-width ViT layer is faster in int8 than in fp32', async () => {
    const gain = await compare(wide.encode, narrow.encode);
    assert.ok(gain > int8Gain, `int8 is ${gain.toFixed(2)} times as fast`);
    const control = await compare(wide.encode, wide.encode);
    assert.ok(control < int8Gain, `the same twice differs by ${control.toFixed(2)}: this machine can't tell`);
  });

  await t.test('tokens read together cost less than one by one: prefill and guesses live on it', async () => {
    const { start, read } = reader(decoder);
    await start();
    const alone = () => read(16, 1);
    const gain = await compare(alone, () => read(16, 16));
    assert.ok(gain > togetherGain, `16 together are ${gain.toFixed(2)} times as fast`);
    const control = await compare(alone, alone);
    assert.ok(
      control < togetherGain,
      `the same twice differs by ${control.toFixed(2)}: this machine can't tell`,
    );
  });

  await t.test('room that is not needed yet slows reading, so prefill lets it grow', async () => {
    const [close, wasteful] = [reader(decoder), reader(decoder, 8192)];
    await close.start();
    await wasteful.start();
    const closely = () => close.read(64, 64);
    const gain = await compare(() => wasteful.read(64, 64), closely);
    assert.ok(gain > roomGain, `the wider room costs ${gain.toFixed(2)} times as much`);
    const control = await compare(closely, closely);
    assert.ok(control < roomGain, `the same twice differs by ${control.toFixed(2)}: this machine can't tell`);
  });
});
