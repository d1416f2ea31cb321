/** A limit on how fast bytes come in, shared by everything that downloads. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Bandwidth {
  /** Waits until this many bytes may pass. */
  pass(sizeBytes: number, signal: AbortSignal): Promise<void>;
  /** Null: as fast as it comes. Takes effect at once. */
  limit(bytesPerSecond: number | null): void;
}

/** Longest single wait, so that a raised limit is noticed. */
const longestWaitMs = 250;

export function createBandwidth(bytesPerSecond: number | null = null): Bandwidth {
  let rate = bytesPerSecond;
  /** When everything let through so far has had its time. */
  let freeAtMs = 0;
  return {
    async pass(sizeBytes, signal) {
      if (rate === null) return;
      const nowMs = performance.now();
      freeAtMs = Math.max(freeAtMs, nowMs) + (sizeBytes / rate) * 1000;
      while (rate !== null) {
        const waitMs = freeAtMs - performance.now();
        if (waitMs <= 0) return;
        await sleep(Math.min(waitMs, longestWaitMs), undefined, { signal });
      }
    },
    limit(next) {
      rate = next;
      freeAtMs = 0;
    },
  };
}
