/** How fast a device is at InternVL3-1B's shapes, from a layer or three of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelConfig } from '../architectures/model-config.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import { openDecoder } from '../inference/decoder.ts';
import type { Device } from '../inference/device.ts';
import { type DeviceSpeed, measuredConfig } from '../inference/device-table.ts';
import { computesText } from '../inference/execution-providers.ts';
import { openVisionEncoder } from '../inference/vision-encoder.ts';
import { makeSyntheticModel } from './synthetic-model.ts';

/** Runs are repeated for this long, so that a busy moment does not count. */
const patienceMs = 1500;

/** Rows of a measured chunk: as long as a chunk on a fast device, short enough for a slow one. */
const chunkRows = 128;

/** Two decoders whose difference is the time of layers without what a run costs around them. */
const fewLayers = 1;
const moreLayers = 3;

/** A lm_head of the measured vocabulary is int8: as many bytes as this many int4 layers. */
const headInLayers =
  (measuredConfig.decoder.vocabularySize * measuredConfig.decoder.hiddenSize) / (14_909_440 * 0.625);

/** @param tell called between the steps, so that whoever waits sees that it goes on */
export async function measureDevice(device: Device, tell: () => void): Promise<DeviceSpeed> {
  const path = await mkdtemp(join(tmpdir(), 'internvl-probe-'));
  try {
    const folder = await makeSyntheticModel(path, layersOf(moreLayers), 'mixed');
    tell();
    const fewTileMs = await measureVision(folder, { device, layerCount: fewLayers });
    tell();
    const moreTileMs = await measureVision(folder, { device, layerCount: moreLayers });
    tell();
    const visionMsPerTile = wholeMs(fewTileMs, moreTileMs, measuredConfig.vision.layerCount);
    if (!computesText(device.provider)) return { visionMsPerTile };
    const few = await measureDecoder(folder, { device, layerCount: fewLayers, tell });
    const more = await measureDecoder(folder, { device, layerCount: moreLayers, tell });
    const { layerCount } = measuredConfig.decoder;
    const chunkMs = wholeMs(few.chunkMs, more.chunkMs, layerCount);
    const tokenMs = wholeMs(few.tokenMs, more.tokenMs, layerCount + headInLayers);
    return {
      visionMsPerTile,
      prefillTokensPerSecond: (1000 * chunkRows) / chunkMs,
      decodeTokensPerSecond: 1000 / tokenMs,
    };
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** From two layer counts to all: what a run costs around its layers counts once. */
function wholeMs(few: number, more: number, layerCount: number): number {
  const layerMs = Math.max((more - few) / (moreLayers - fewLayers), more / (10 * moreLayers));
  return Math.max(0, few - fewLayers * layerMs) + layerCount * layerMs;
}

/** The measured shape with fewer layers and a small vocabulary. */
function layersOf(layerCount: number): ModelConfig {
  return {
    ...measuredConfig,
    minTiles: 1,
    maxTiles: 1,
    useThumbnail: false,
    vision: { ...measuredConfig.vision, layerCount },
    decoder: { ...measuredConfig.decoder, layerCount, vocabularySize: 256 },
  };
}

/** One tile through an encoder of this many layers, embedding and projector among it. */
async function measureVision(
  folder: ModelFolder,
  { device, layerCount }: { device: Device; layerCount: number },
): Promise<number> {
  const { manifest } = folder;
  const config = { ...manifest.config, vision: { ...manifest.config.vision, layerCount } };
  const vision = await openVisionEncoder(
    { ...folder, manifest: { ...manifest, config } },
    { device, threads: 0 },
  );
  const side = vision.tileSize;
  const pixels = new Float32Array(3 * side * side).fill(0.5);
  const tileMs = await bestMs(() => vision.encode(pixels, 1, (work) => work()));
  await vision.close();
  return tileMs;
}

async function measureDecoder(
  folder: ModelFolder,
  { device, layerCount, tell }: { device: Device; layerCount: number; tell: () => void },
): Promise<{ chunkMs: number; tokenMs: number }> {
  const { manifest } = folder;
  const config = { ...manifest.config, decoder: { ...manifest.config.decoder, layerCount } };
  const decoder = await openDecoder({ ...folder, manifest: { ...manifest, config } }, { device, threads: 0 });
  const cache = decoder.createCache();
  const read = (count: number) => async () => {
    cache.truncate(chunkRows); // every try of a token begins at the same past, and every chunk at most there
    const first = cache.length;
    await decoder.run({
      hidden: new Float32Array(count * config.decoder.hiddenSize).fill(0.1),
      positions: Float32Array.from({ length: count }, (_, at) => first + at),
      cache,
      logitRows: [count - 1],
    });
  };
  const chunkMs = await bestMs(read(chunkRows));
  tell();
  const tokenMs = await bestMs(read(1));
  tell();
  cache.release();
  await decoder.close();
  return { chunkMs, tokenMs };
}

/** The fastest of some runs after a first one, which compiles. */
async function bestMs(run: () => Promise<unknown>): Promise<number> {
  await run();
  let best = Number.POSITIVE_INFINITY;
  const beganAt = performance.now();
  do {
    const startedAt = performance.now();
    await run();
    best = Math.min(best, performance.now() - startedAt);
  } while (performance.now() - beganAt < patienceMs);
  return best;
}
