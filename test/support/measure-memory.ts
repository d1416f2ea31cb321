/** What a model's memory was foretold to be, and what it was, in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { MemoryNeed } from '../../native-models/inference/memory-need.ts';

const child = fileURLToPath(new URL('measure-memory-child.ts', import.meta.url));

export interface MeasuredMemory {
  tokens: number;
  loadedBytes: number;
  /** The most the process grew by, loading and answering. */
  peakBytes: number;
  visionBuffers: number;
  need: MemoryNeed;
}

export async function measureMemory(
  folder: string,
  { words, devices = 'cpu' }: { words: number; devices?: string },
): Promise<MeasuredMemory> {
  const { stdout } = await promisify(execFile)(process.execPath, [child, folder, `${words}`, devices]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as MeasuredMemory;
}

/** As a test's figures are read: in MiB, and how far the estimate is off. */
export function describeMeasured({ tokens, peakBytes, need, visionBuffers }: MeasuredMemory): string {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const off = 100 * (need.peakBytes / peakBytes - 1);
  return `${tokens} tokens: foretold ${mebibytes(need.peakBytes)}, grew by ${mebibytes(peakBytes)} (${off.toFixed(1)} %), ${visionBuffers} vision buffers`;
}
