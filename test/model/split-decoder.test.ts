/** A decoder split over devices says bit for bit what the whole one says, whatever is asked of its caches. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { type ModelFolder, openModelFolder } from '../../native-models/conversion/model-folder.ts';
import { type Decoder, openDecoder } from '../../native-models/inference/decoder.ts';
import { cpuDevice } from '../../native-models/inference/device.ts';
import type { KvCache } from '../../native-models/inference/kv-cache.ts';
import { openSplitDecoder } from '../../native-models/inference/split-decoder.ts';
import { openTokenEmbedder } from '../../native-models/inference/token-embedder.ts';
import { makeRandomCheckpoint, sixLayers } from '../support/random-checkpoint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const embeddedModel = fileURLToPath(new URL('../../assets/embedded-model', import.meta.url));

/** The stages between these layers, all on the CPU. */
function stagesAt(layerCount: number, ...cuts: number[]) {
  const edges = [0, ...cuts, layerCount];
  return edges.slice(1).map((end, index) => ({ device: cpuDevice, layers: { first: edges[index]!, end } }));
}

async function openFolder(t: TestContext, checkpoint: string, precision: 'fp32' | 'int4') {
  const out = join(await temporaryFolder(t), 'model');
  await convertCheckpoint({ checkpoint, out, precision });
  return openModelFolder(out);
}

async function openSplit(t: TestContext, folder: ModelFolder, cuts: number[]): Promise<Decoder> {
  const { layerCount } = folder.manifest.config.decoder;
  const decoder = await openSplitDecoder(folder, stagesAt(layerCount, ...cuts), { threads: 0 });
  t.after(decoder.close);
  return decoder;
}

/** Equal where every bit is. */
function digestOf({ buffer, byteOffset, byteLength }: Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('base64');
}

/** Prefill in two chunks, 32 tokens, a fork, three in one run, a truncation and on again: every logit on the way. */
async function everyLogit(folder: ModelFolder, decoder: Decoder) {
  const embedder = openTokenEmbedder(folder);
  const logits: string[] = [];
  const note = (row: Float32Array) => logits.push(digestOf(row));
  const embed = (ids: readonly number[]) => {
    const hidden = new Float32Array(ids.length * embedder.width);
    for (const [at, id] of ids.entries()) embedder.embed(id, hidden, at * embedder.width);
    return hidden;
  };
  const read = async (cache: KvCache, ids: readonly number[], logitRows: number[]) => {
    const positions = Float32Array.from(ids, (_, at) => cache.length + at);
    const rows = await decoder.run({ hidden: embed(ids), positions, cache, logitRows });
    note(rows);
    return rows;
  };
  const likeliest = (row: Float32Array) => row.indexOf(row.reduce((best, each) => Math.max(best, each)));
  const idsOf = (count: number, seed: number) =>
    Array.from({ length: count }, (_, at) => (at * 37 + seed * 11) % 250);

  const cache = decoder.createCache();
  cache.reserve(300);
  await read(cache, idsOf(40, 1), []);
  let last = await read(cache, idsOf(270, 2), [269]);
  for (let step = 0; step < 32; step++) last = await read(cache, [likeliest(last)], [0]);
  const family = [cache, cache.fork(), cache.fork()];
  await read(family[1]!, idsOf(5, 3), [0, 4]);
  for (let step = 0; step < 6; step++) {
    const rows = await decoder.runTogether(
      family.map((each, index) => ({
        hidden: embed([17 + 5 * step + index]),
        position: each.length,
        cache: each,
      })),
    );
    for (const row of rows) note(row);
  }
  family[1]!.truncate(family[1]!.length - 2);
  await read(family[1]!, idsOf(3, 4), [2]);
  family[2]!.truncate(100); // into what they share
  await read(family[2]!, idsOf(3, 5), [2]);
  const { length, keys, values } = await family[1]!.snapshot();
  const restored = decoder.createCache({ length, keys, values });
  await read(restored, idsOf(3, 6), [0, 2]);
  embedder.close();
  const cached = { length, layers: [...keys, ...values].map(digestOf) };
  return { logits, cached, lengths: family.map((each) => each.length) };
}

for (const precision of ['int4', 'fp32'] as const) {
  test(`${precision}: the embedded model and a random one over two and three stages equal the whole ones, bit for bit`, async (t) => {
    const random = await makeRandomCheckpoint(await temporaryFolder(t), sixLayers);
    for (const [checkpoint, ways] of [
      [embeddedModel, [[2], [1, 3]]],
      [random, precision === 'int4' ? [[1], [5], [2, 4], [1, 2, 3, 4, 5]] : [[3], [2, 4]]],
    ] as [string, number[][]][]) {
      const folder = await openFolder(t, checkpoint, precision);
      const whole = await openDecoder(folder, { device: cpuDevice, threads: 0 });
      t.after(whole.close);
      const expected = await everyLogit(folder, whole);
      assert.ok(new Set(expected.logits).size > 40, 'the logits differ (control)');
      for (const cuts of ways) {
        const found = await everyLogit(folder, await openSplit(t, folder, cuts));
        assert.deepEqual(found, expected, `cut at ${cuts}`);
      }
    }
  });
}

test('a stage that fails takes its tokens back from the stages before it', async (t) => {
  const checkpoint = await makeRandomCheckpoint(await temporaryFolder(t), sixLayers);
  const folder = await openFolder(t, checkpoint, 'fp32');
  const decoder = await openSplit(t, folder, [2, 4]);
  const { hiddenSize } = decoder.config;
  const cache = decoder.createCache();
  const step = (rows: number) => ({
    hidden: new Float32Array(3 * hiddenSize).fill(0.1),
    positions: Float32Array.of(0, 1, 2),
    cache,
    logitRows: [rows],
  });
  await decoder.run(step(2));
  const before = await cache.snapshot();
  await assert.rejects(decoder.run(step(7)), 'a row that is not there fails in the last stage');
  assert.deepEqual(await cache.snapshot(), before);
});
