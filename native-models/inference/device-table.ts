/** What each device of this machine was measured to do, and which one a model's parts run on because of it. */
import type { ModelConfig } from '../architectures/model-config.ts';
import { cpuDevice, type Device, parseDevice } from './device.ts';
import { computesText } from './execution-providers.ts';

/** How fast a device is at InternVL3-1B's shapes, vision in int8 and language in int4. Absent: it can't do this part. */
export interface DeviceSpeed {
  /** One 448 px tile through InternViT-300M and the projector. */
  visionMsPerTile?: number;
  /** Prompt tokens read a second, in chunks, without the attention over a long past. */
  prefillTokensPerSecond?: number;
  decodeTokensPerSecond?: number;
}

export interface DeviceRow {
  /** As `parseDevice` reads it. */
  device: string;
  /**
   * `works`: agrees with the CPU. `differs`: computes, but something else. `unavailable`: says no. `crashed` and
   * `hung`: took its process along, or never answered.
   */
  outcome: 'works' | 'differs' | 'unavailable' | 'crashed' | 'hung';
  speed: DeviceSpeed;
}

export interface DeviceTable {
  /** Processor, graphics and versions of the machine that this was measured on; another one measures again. */
  machine: string;
  /** Milliseconds since 1970. */
  measuredAt: number;
  rows: DeviceRow[];
}

/** Where each part of a model runs. */
export interface DeviceChoice {
  vision: Device;
  decoder: Device;
}

/** A turn to choose by: a page of 6 tiles with a short question, and an answer of a few lines. */
const typicalPromptTokens = 1_700;
const typicalAnswerTokens = 100;

/** The fastest device for each part among those that agree with the CPU; the CPU where nothing was measured. */
export function chooseDevices(table: DeviceTable | null): DeviceChoice {
  const rows = table?.rows.filter(({ outcome }) => outcome === 'works') ?? [];
  return {
    vision: fastest(rows, ({ visionMsPerTile = Number.POSITIVE_INFINITY }) => visionMsPerTile),
    decoder: fastest(
      rows.filter(({ device }) => computesText(parseDevice(device).provider)),
      ({ prefillTokensPerSecond = 0, decodeTokensPerSecond = 0 }) =>
        typicalPromptTokens / prefillTokensPerSecond + typicalAnswerTokens / decodeTokensPerSecond,
    ),
  };
}

/** The device with the least time; those that can't say have infinite. */
function fastest(rows: readonly DeviceRow[], timeOf: (speed: DeviceSpeed) => number): Device {
  let best = { device: cpuDevice, time: Number.POSITIVE_INFINITY };
  for (const { device, speed } of rows) {
    const time = timeOf(speed);
    if (time < best.time) best = { device: parseDevice(device), time };
  }
  return best.device;
}

/** The measured speed of a device, or null. */
export function speedOf(table: DeviceTable | null, device: string): DeviceSpeed | null {
  return table?.rows.find((row) => row.device === device && row.outcome === 'works')?.speed ?? null;
}

/** The shape that speeds are told for: InternVL3-1B, as published. */
export const measuredConfig: Pick<ModelConfig, 'vision' | 'decoder' | 'downsampleRatio'> = {
  downsampleRatio: 0.5,
  vision: {
    hiddenSize: 1024,
    intermediateSize: 4096,
    layerCount: 24,
    headCount: 16,
    imageSize: 448,
    patchSize: 14,
    norm: 'layer',
    layerNormEpsilon: 1e-6,
    queryKeyNorm: false,
    qkvBias: true,
  },
  decoder: {
    architecture: 'qwen2',
    hiddenSize: 896,
    intermediateSize: 4864,
    layerCount: 24,
    headCount: 14,
    kvHeadCount: 2,
    headDim: 64,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 1e6,
    ropeFactor: 1,
    attentionBias: true,
    vocabularySize: 151_674,
    tiedEmbeddings: false,
    contextLength: 32_768,
  },
};
