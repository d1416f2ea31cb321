/** The committed golden cases: what transformers computed on tiny checkpoints (native-models/reference/README.md). */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSafetensors } from '../../native-models/weights/safetensors.ts';

export const goldenFolder = join(dirname(fileURLToPath(import.meta.url)), '..', 'golden');

export interface GoldenPicture {
  file: string;
  width: number;
  height: number;
  columns: number;
  rows: number;
  thumbnail: boolean;
  visualTokens: number;
  tilesSha256: string;
  pixelValuesSha256: string;
}

export interface GoldenCase {
  case: string;
  kind: string;
  checkpoint: string;
  arrays: string;
  messages: {
    role: 'user' | 'assistant';
    parts: ({ type: 'text'; text: string } | { type: 'pictures'; pictures: string[] })[];
  }[];
  maxTiles: number;
  pictures: GoldenPicture[];
  promptIds: number[];
  greedyIds: number[];
  margins: number[];
}

/** All cases, grouped by the checkpoint they ran on. */
export function goldenCasesByCheckpoint(folder = goldenFolder): Map<string, GoldenCase[]> {
  const cases = JSON.parse(readFileSync(join(folder, 'cases', 'index.json'), 'utf8')) as GoldenCase[];
  return Map.groupBy(cases, (entry) => entry.checkpoint);
}

export interface GoldenArrays {
  logitPositions: Int32Array;
  logits: Float32Array;
  visualTokenRows: Int32Array;
  visualTokens: Float32Array;
}

/** A case's arrays; empty ones where it has no pictures. */
export async function readGoldenArrays(entry: GoldenCase, folder = goldenFolder): Promise<GoldenArrays> {
  const file = await openSafetensors(join(folder, entry.arrays));
  const bytesOf = async (name: string) =>
    file.tensors.has(name) ? Uint8Array.from(await file.read(name)).buffer : new ArrayBuffer(0);
  const arrays = {
    logitPositions: new Int32Array(await bytesOf('logitPositions')),
    logits: new Float32Array(await bytesOf('logits')),
    visualTokenRows: new Int32Array(await bytesOf('visualTokenRows')),
    visualTokens: new Float32Array(await bytesOf('visualTokens')),
  };
  await file.close();
  return arrays;
}

/** max |a − b| / max |b|, the relative error all golden comparisons use. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  let difference = 0;
  let peak = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    peak = Math.max(peak, Math.abs(expected[i]!));
  }
  return actual.length === expected.length ? difference / peak : Number.POSITIVE_INFINITY;
}

/** Ids of the largest logits, by falling logit. */
export function likeliest(logits: Float32Array, count: number): number[] {
  return Array.from(logits.keys())
    .sort((a, b) => logits[b]! - logits[a]!)
    .slice(0, count);
}
