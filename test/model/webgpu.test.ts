/** WebGPU on SwiftShader beside the CPU: the same visual tokens, the same ids, and a cache that forgets and comes back. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ModelFolder } from '../../native-models/conversion/model-folder.ts';
import { type Decoder, openDecoder } from '../../native-models/inference/decoder.ts';
import { openSplitDecoder } from '../../native-models/inference/split-decoder.ts';
import { openVisionEncoder } from '../../native-models/inference/vision-encoder.ts';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { toPixelValues } from '../../native-models/media/pixel-values.ts';
import { makeTiles } from '../../native-models/media/tiles.ts';
import {
  beginReading,
  convertForDevices,
  cpu,
  topId,
  topMargin,
  webgpu,
  writeGreedily,
} from '../support/device-parts.ts';
import { noSwiftShader } from '../support/find-swiftshader.ts';
import { goldenFolder, relativeError } from '../support/golden-cases.ts';

const embeddedModel = fileURLToPath(new URL('../../assets/embedded-model', import.meta.url));
const sample = fileURLToPath(new URL('../../assets/samples/receipt.png', import.meta.url));
const randomCheckpoint = (name: string) => join(goldenFolder, 'checkpoints', name);

/** Ids are compared only where the CPU's choice is this far ahead of its second. */
const clearMargin = 1e-2;
const promptIds = promptOf(37);

function promptOf(step: number): number[] {
  return Array.from({ length: 40 }, (_, i) => (i * step) % 250);
}

/** Random weights choose narrowly: the first of many prompts after which the CPU never does. */
async function findClearPrompt(folder: ModelFolder, host: Decoder) {
  for (let step = 1; step < 250; step++) {
    const prompt = promptOf(step);
    const wanted = await writeGreedily(beginReading(folder, host), prompt, 32);
    if (Math.min(...wanted.margins) >= clearMargin) return { prompt, wanted };
  }
  throw new Error('no prompt has clear answers');
}

async function openBoth(t: TestContext, folder: ModelFolder): Promise<{ host: Decoder; gpu: Decoder }> {
  const host = await openDecoder(folder, cpu);
  const gpu = await openDecoder(folder, webgpu);
  t.after(async () => {
    await host.close();
    await gpu.close();
  });
  return { host, gpu };
}

/** A picture's tiles on both devices: largest difference over the largest visual token. */
async function compareVision(folder: ModelFolder, pixels: Float32Array, tiles: number): Promise<number> {
  const found: Float32Array[] = [];
  for (const where of [cpu, webgpu]) {
    const vision = await openVisionEncoder(folder, where);
    found.push(Float32Array.from(await vision.encode(pixels, tiles, (work) => work())));
    await vision.close();
  }
  return relativeError(found[1]!, found[0]!);
}

for (const name of ['g7-d64-t112-bf16', 'g4-d32-t84-fp16-tied-shards'])
  test(`a random checkpoint (${name}): visual tokens, 32 greedy ids, and a cache cut, kept, forked and split`, {
    skip: noSwiftShader,
  }, async (t) => {
    const folder = await convertForDevices(t, randomCheckpoint(name), 'fp32');
    const side = folder.manifest.config.vision.imageSize;
    const pixels = Float32Array.from({ length: 3 * side * side }, (_, i) => 1.5 * Math.sin(i * 0.37));
    assert.ok((await compareVision(folder, pixels, 1)) < 1e-2);

    const { host, gpu } = await openBoth(t, folder);
    const onHost = beginReading(folder, host);
    const onGpu = beginReading(folder, gpu);
    const { prompt, wanted } = await findClearPrompt(folder, host);
    await onHost.read([...prompt, ...wanted.ids.slice(0, -1)]);
    assert.deepEqual((await writeGreedily(onGpu, prompt, 32)).ids, wanted.ids);

    for (const reading of [onHost, onGpu]) reading.cache.truncate(50);
    const [cutOnHost] = await onHost.read([9]);
    const [cutOnGpu] = await onGpu.read([9]);
    assert.ok(relativeError(cutOnGpu!, cutOnHost!) < 1e-4, 'after a truncate');

    const snapshot = await onGpu.cache.snapshot();
    const hostSnapshot = await onHost.cache.snapshot();
    assert.equal(snapshot.length, 51);
    assert.ok(relativeError(snapshot.keys[1]!, hostSnapshot.keys[1]!) < 1e-4, 'what is read back');
    const [expected] = await beginReading(folder, host, host.createCache(snapshot)).read([11]);
    const restored = beginReading(folder, gpu, gpu.createCache(snapshot));
    const fork = beginReading(folder, gpu, onGpu.cache.fork());
    await onGpu.read([12, 13]); // the other side of the fork goes its own way
    onGpu.cache.release();
    for (const reading of [restored, fork]) {
      const [logits] = await reading.read([11]);
      assert.ok(relativeError(logits!, expected!) < 1e-4, 'restored, or forked from one that went on');
    }
    const [other] = await beginReading(folder, gpu, gpu.createCache(snapshot)).read([12]);
    assert.ok(relativeError(other!, expected!) > 1e-2, 'another token says something else (control)');

    const { layerCount } = folder.manifest.config.decoder;
    const split = await openSplitDecoder(
      folder,
      [
        { device: cpu.device, layers: { first: 0, end: 1 } },
        { device: webgpu.device, layers: { first: 1, end: layerCount } },
      ],
      cpu,
    );
    t.after(split.close);
    const { ids } = await writeGreedily(beginReading(folder, split), prompt, 8);
    assert.deepEqual(ids, wanted.ids.slice(0, 8));
  });

test('the embedded model: a picture’s visual tokens, and 32 ids with the CPU’s before each', {
  skip: noSwiftShader,
}, async (t) => {
  const folder = await convertForDevices(t, embeddedModel, 'fp32');
  const { tileSize, ...limits } = {
    tileSize: folder.manifest.config.vision.imageSize,
    minTiles: 1,
    maxTiles: 1,
  };
  const picture = makeTiles(await decodePicture({ path: sample }), {
    tileSize,
    ...limits,
    useThumbnail: false,
  });
  const pixels = toPixelValues(picture.pixels, tileSize);
  assert.ok((await compareVision(folder, pixels, 1)) < 1e-2);

  const { host, gpu } = await openBoth(t, folder);
  const wanted = await writeGreedily(beginReading(folder, host), promptIds, 32);
  // All at once on the GPU: SwiftShader takes a second a run. Free-running ids are compared above, and in test/heavy.
  const rows = await beginReading(folder, gpu).read([...promptIds, ...wanted.ids.slice(0, -1)], 32);
  const clear = wanted.margins.flatMap((margin, at) => (margin < clearMargin ? [] : [at]));
  assert.ok(clear.length >= 0.9 * wanted.ids.length, 'at most 10 % are too close to call');
  for (const at of clear)
    assert.equal(topId(rows[at]!), wanted.ids[at], `id ${at}, margin ${topMargin(rows[at]!)}`);
});
