/** Whether a device computes what the CPU computes: a small model on both, in all the ways that a chat uses it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelConfig } from '../architectures/model-config.ts';
import { type Decoder, openDecoder } from '../inference/decoder.ts';
import { cpuDevice, type Device } from '../inference/device.ts';
import { measuredConfig } from '../inference/device-table.ts';
import { computesText } from '../inference/execution-providers.ts';
import { openVisionEncoder } from '../inference/vision-encoder.ts';
import { makeSyntheticModel } from './synthetic-model.ts';

/** Small, and yet with more than 32 rows in every attention: from there on GPUs use other kernels. */
const smallConfig: ModelConfig = {
  downsampleRatio: 0.5,
  minTiles: 1,
  maxTiles: 1,
  useThumbnail: false,
  vision: {
    ...measuredConfig.vision,
    hiddenSize: 64,
    intermediateSize: 128,
    layerCount: 2,
    headCount: 2,
    imageSize: 112,
  },
  decoder: {
    ...measuredConfig.decoder,
    hiddenSize: 64,
    intermediateSize: 128,
    layerCount: 2,
    headCount: 4,
    kvHeadCount: 2,
    headDim: 32,
    vocabularySize: 256,
  },
};

/** fp32 against fp32 differs by 1e-6, fp16 by a few thousandths, a kernel that errs by a tenth and more. */
const tolerance = 3e-2;

const promptRows = 48;
const stepCount = 4;

export interface DeviceCheck {
  /** Visual tokens and logits are the CPU's. */
  agrees: boolean;
  /** One tile through the small encoder, compiled before. */
  tileMs: number;
}

/** @throws AppError `device_unavailable` where it can't be opened */
export async function checkDevice(device: Device): Promise<DeviceCheck> {
  const path = await mkdtemp(join(tmpdir(), 'internvl-probe-'));
  try {
    const folder = await makeSyntheticModel(path, smallConfig, { precision: 'fp32' });
    const side = smallConfig.vision.imageSize;
    const pixels = Float32Array.from({ length: 3 * side * side }, (_, at) => 1.5 * Math.sin(at * 0.37));
    const see = async (where: Device) => {
      const vision = await openVisionEncoder(folder, { device: where, threads: 0 });
      const tokens = Float32Array.from(await vision.encode(pixels, 1, (work) => work()));
      const startedAt = performance.now();
      await vision.encode(pixels, 1, (work) => work());
      const tileMs = performance.now() - startedAt;
      await vision.close();
      return { tokens, tileMs };
    };
    const { tokens, tileMs } = await see(device);
    if (!agree(tokens, (await see(cpuDevice)).tokens)) return { agrees: false, tileMs };
    if (!computesText(device.provider)) return { agrees: true, tileMs };
    const say = async (where: Device) => {
      const decoder = await openDecoder(folder, { device: where, threads: 0 });
      const logits = await readAndWrite(decoder);
      await decoder.close();
      return logits;
    };
    return { agrees: agree(await say(device), await say(cpuDevice)), tileMs };
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** A prompt, a few tokens, and on from a shorter past: logits of all of it. */
async function readAndWrite(decoder: Decoder): Promise<Float32Array> {
  const cache = decoder.createCache();
  const logits: number[] = [];
  const read = async (count: number) => {
    const first = cache.length;
    const hidden = Float32Array.from({ length: count * decoder.config.hiddenSize }, (_, at) =>
      Math.cos(0.7 * (at + 31 * first)),
    );
    const positions = Float32Array.from({ length: count }, (_, at) => first + at);
    logits.push(...(await decoder.run({ hidden, positions, cache, logitRows: [count - 1] })));
  };
  await read(promptRows);
  for (let step = 0; step < stepCount; step++) await read(1);
  cache.truncate(promptRows / 2);
  await read(1);
  cache.release();
  return Float32Array.from(logits);
}

function agree(found: Float32Array, wanted: Float32Array): boolean {
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return found.every((value, at) => Math.abs(value - wanted[at]!) <= tolerance * largest);
}
