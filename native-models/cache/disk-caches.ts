/** What the engine keeps on the disk between its runs, written while nobody asks anything. */
import { openCacheEntries } from './cache-entries.ts';
import type { KeptType } from './kept-values.ts';
import { openSnapshotEntries, type SnapshotEntries, type SnapshotShape } from './snapshot-entries.ts';
import { openVisualTokenEntries, type VisualTokenEntries } from './visual-token-entries.ts';

export interface DiskCacheOptions {
  folder: string;
  /** All entries together. */
  maxBytes: number;
  /** Left to everybody else on the disk. Default 1 GiB. */
  reserveBytes?: number;
}

/** What decides a model's numbers, and how they are laid out. */
export interface CachedModel {
  /** Of its vision part: weights, recipe, precision, device. */
  vision: string;
  /** Of its decoder, with the places of its layers. */
  decoder: string;
  /** Values of one tile's visual tokens. */
  tileLength: number;
  shape: SnapshotShape;
  visionType: KeptType;
}

export interface DiskCaches {
  visual: VisualTokenEntries;
  snapshots: SnapshotEntries;
  /** A request is at work until the result is called. */
  beginRequest(): () => void;
  /** Does this when nobody has asked anything for a moment; later work of the same name takes its place. */
  whenIdle(name: string, work: () => Promise<unknown>): void;
  /** Does what waits for idleness now. */
  flush(): Promise<void>;
}

/** How long nobody has to ask before something is written. */
const idleAfterMs = 400;

export function openDiskCaches(options: DiskCacheOptions, model: CachedModel): DiskCaches {
  const waiting = new Map<string, () => Promise<unknown>>();
  let requests = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let isFlushing = false;
  let wake = () => {};

  /** Each slice of writing waits here while somebody asks. */
  async function breathe(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (requests > 0 && !isFlushing) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function writeAll(): Promise<void> {
    for (const [name, work] of waiting) {
      await breathe();
      waiting.delete(name);
      await work().catch(() => {}); // a cache that can't be written is a cache less
    }
  }

  function write(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = null;
      schedule();
    });
    return writing;
  }

  function schedule(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    if (requests > 0 || waiting.size === 0 || writing) return;
    timer = setTimeout(() => void write(), idleAfterMs);
    timer.unref();
  }

  const entries = openCacheEntries(options.folder, options);
  return {
    visual: openVisualTokenEntries(entries, {
      model: model.vision,
      tileLength: model.tileLength,
      type: model.visionType,
    }),
    snapshots: openSnapshotEntries(entries, {
      model: model.decoder,
      shape: model.shape,
      breathe,
    }),
    beginRequest() {
      requests += 1;
      let isAtWork = true;
      return () => {
        if (isAtWork) requests -= 1;
        isAtWork = false;
        if (requests === 0) wake();
        schedule();
      };
    },
    whenIdle(name, work) {
      waiting.delete(name);
      waiting.set(name, work);
      schedule();
    },
    async flush() {
      isFlushing = true;
      wake();
      while (waiting.size > 0 || writing) await write();
      isFlushing = false;
    },
  };
}
