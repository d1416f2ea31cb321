/** How fast a device is at InternVL3-1B's shapes, from a layer or three of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DecoderConfig, ModelConfig } from '../architectures/model-config.ts';
import { readingParameters } from '../architectures/reading-decoder.ts';
import { sumOf } from '../conversion/disk-space.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import { readsApartByDefault } from '../conversion/reads-apart.ts';
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

/** What of a model decides how fast it is. */
export type MeasuredShape = Pick<ModelConfig, 'vision' | 'decoder' | 'downsampleRatio'>;

/**
 * @param tell called between the steps, so that whoever waits sees that it goes on
 * @param shape default: InternVL3-1B's
 */
export async function measureDevice(
  device: Device,
  tell: () => void,
  shape: MeasuredShape = measuredConfig,
): Promise<DeviceSpeed> {
  const path = await mkdtemp(join(tmpdir(), 'internvl-probe-'));
  try {
    const readsApart = readsApartByDefault(sumOf(readingParameters(shape.decoder)), { decoder: 'int4' });
    const folder = await makeSyntheticModel(path, layersOf(shape, moreLayers), {
      precision: 'mixed',
      readsApart,
    });
    tell();
    const fewTileMs = await measureVision(folder, { device, layerCount: fewLayers });
    tell();
    const moreTileMs = await measureVision(folder, { device, layerCount: moreLayers });
    tell();
    const visionMsPerTile = wholeMs(fewTileMs, moreTileMs, shape.vision.layerCount);
    if (!computesText(device.provider)) return { visionMsPerTile };
    const few = await measureDecoder(folder, { device, layerCount: fewLayers, tell });
    const more = await measureDecoder(folder, { device, layerCount: moreLayers, tell });
    const { layerCount } = shape.decoder;
    const chunkMs = wholeMs(few.chunkMs, more.chunkMs, layerCount);
    const tokenMs = wholeMs(few.tokenMs, more.tokenMs, layerCount + headInLayers(shape.decoder));
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

/** A 4-bit lm_head: as many bytes as this many layers, which one token reads once. */
function headInLayers(config: DecoderConfig): number {
  const { vocabularySize, headCount, kvHeadCount, headDim, intermediateSize } = config;
  return vocabularySize / (2 * (headCount + kvHeadCount) * headDim + 3 * intermediateSize);
}

/** The shape with fewer layers and a small vocabulary. */
function layersOf(shape: MeasuredShape, layerCount: number): ModelConfig {
  return {
    ...shape,
    minTiles: 1,
    maxTiles: 1,
    useThumbnail: false,
    vision: { ...shape.vision, layerCount },
    decoder: { ...shape.decoder, layerCount, vocabularySize: 256 },
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
  /** Every try of a token begins at the same past, and every chunk at most there. */
  const stepOf = (count: number) => {
    cache.truncate(chunkRows);
    const first = cache.length;
    return {
      hidden: new Float32Array(count * config.decoder.hiddenSize).fill(0.1),
      positions: Float32Array.from({ length: count }, (_, at) => first + at),
      cache,
    };
  };
  const chunkMs = await bestMs(() => decoder.read(stepOf(chunkRows)));
  tell();
  const tokenMs = await bestMs(() => decoder.run({ ...stepOf(1), logitRows: [0] }));
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
