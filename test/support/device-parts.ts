/** A model folder's parts on one device, and what they say, for comparing devices with each other. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { type ModelFolder, openModelFolder } from '../../native-models/conversion/model-folder.ts';
import type { Decoder } from '../../native-models/inference/decoder.ts';
import { type Device, parseDevice } from '../../native-models/inference/device.ts';
import type { Precision } from '../../native-models/inference/generation-types.ts';
import type { KvCache } from '../../native-models/inference/kv-cache.ts';
import { openTokenEmbedder } from '../../native-models/inference/token-embedder.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const cpu: { device: Device; threads: number } = { device: parseDevice('cpu'), threads: 0 };
export const webgpu: { device: Device; threads: number } = { device: parseDevice('webgpu'), threads: 0 };

export async function convertForDevices(
  t: TestContext,
  checkpoint: string,
  precision: Precision,
): Promise<ModelFolder> {
  const out = join(await temporaryFolder(t), 'model');
  await convertCheckpoint({ checkpoint, out, precision });
  return openModelFolder(out);
}

export interface Reading {
  cache: KvCache;
  /** Reads ids behind what the cache holds; gives the logits of the last `wanted` rows. */
  read(ids: readonly number[], wanted?: number): Promise<Float32Array[]>;
}

/** A sequence of ids through a decoder. */
export function beginReading(folder: ModelFolder, decoder: Decoder, cache = decoder.createCache()): Reading {
  const width = folder.manifest.config.decoder.hiddenSize;
  return {
    cache,
    async read(ids, wanted = 1) {
      const embedder = openTokenEmbedder(folder);
      const hidden = new Float32Array(ids.length * width);
      for (const [at, id] of ids.entries()) embedder.embed(id, hidden, at * width);
      embedder.close();
      const positions = Float32Array.from(ids, (_, at) => cache.length + at);
      const logitRows = Array.from({ length: wanted }, (_, row) => ids.length - wanted + row);
      const flat = await decoder.run({ hidden, positions, cache, logitRows });
      const size = flat.length / wanted;
      return logitRows.map((_, row) => flat.slice(row * size, (row + 1) * size));
    },
  };
}

/** The id with the highest logit. */
export function topId(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

/** How far the highest logit is above the second. */
export function topMargin(logits: Float32Array): number {
  const [first = 0, second = 0] = Float32Array.from(logits).sort().reverse();
  return first - second;
}

/** Greedy ids after a prompt, and each one's margin. */
export async function writeGreedily(reading: Reading, prompt: readonly number[], count: number) {
  const ids: number[] = [];
  const margins: number[] = [];
  let next = prompt;
  while (ids.length < count) {
    const [logits] = await reading.read(next);
    ids.push(topId(logits!));
    margins.push(topMargin(logits!));
    next = [ids.at(-1)!];
  }
  return { ids, margins };
}
