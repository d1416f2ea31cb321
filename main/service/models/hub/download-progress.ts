/** Which segments of a file have arrived, kept beside it so that a download goes on where it stopped. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { HubFile } from './revision.ts';

/** What is marked as arrived at once; what is cut off in the middle of one is fetched again. */
export const segmentBytes = 256 * 1024;

const saved = z.strictObject({
  commit: z.string(),
  hash: z.string(),
  sizeBytes: z.int().nonnegative(),
  segmentBytes: z.literal(segmentBytes),
  /** One character a segment: 1 where it is whole. */
  segments: z.string().regex(/^[01]*$/),
});

export interface DownloadProgress {
  readonly segmentCount: number;
  isWhole(segment: number): boolean;
  markWhole(segment: number): void;
  markMissing(segment: number): void;
  /** Bytes of whole segments. */
  wholeBytes(): number;
  /** Writes the marks down; saves asked for while one is being written become one. */
  save(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Reads what an earlier try left at `path`. What belongs to another commit, size or hash counts as nothing, so that two
 * versions are never spliced.
 */
export async function openProgress(
  path: string,
  { file, commit }: { file: HubFile; commit: string },
): Promise<DownloadProgress> {
  const segmentCount = Math.ceil(file.sizeBytes / segmentBytes);
  const fresh = '0'.repeat(segmentCount);
  const before = await readSaved(path);
  const isSame =
    before?.commit === commit &&
    before.hash === file.hash.hex &&
    before.sizeBytes === file.sizeBytes &&
    before.segments.length === segmentCount;
  const whole = [...(isSame ? before.segments : fresh)].map((mark) => mark === '1');
  const sizeOf = (segment: number) => Math.min(segmentBytes, file.sizeBytes - segment * segmentBytes);
  const write = async () => {
    const state: z.infer<typeof saved> = {
      commit,
      hash: file.hash.hex,
      sizeBytes: file.sizeBytes,
      segmentBytes,
      segments: whole.map((is) => (is ? '1' : '0')).join(''),
    };
    await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
    await rename(`${path}.new`, path);
  };
  let writing: Promise<void> = Promise.resolve();
  let queued: Promise<void> | null = null;
  return {
    segmentCount,
    isWhole: (segment) => whole[segment] === true,
    markWhole(segment) {
      whole[segment] = true;
    },
    markMissing(segment) {
      whole[segment] = false;
    },
    wholeBytes: () => whole.reduce((sum, is, segment) => sum + (is ? sizeOf(segment) : 0), 0),
    save() {
      queued ??= writing.then(() => {
        queued = null;
        writing = write();
        return writing;
      });
      return queued;
    },
    remove: () => rm(path, { force: true }),
  };
}

async function readSaved(path: string): Promise<z.infer<typeof saved> | null> {
  try {
    return saved.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null; // none yet, or cut off while it was written
  }
}
