/** How far a conversion has come, beside what it has written, so that one that was killed or stopped goes on from there. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Precision } from '../inference/generation-types.ts';
import { writeWholeFile } from './data-file.ts';
import { manifestSchema } from './model-manifest.ts';
import { recipeVersion } from './recipe-version.ts';

/** Lies in the work folder; removed before that becomes a model folder. */
const journalFile = 'conversion.json';

const precision = z.enum(['fp32', 'fp16', 'int8', 'int4']);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const { files, tensors, tokenTable } = manifestSchema.shape;

const progressSchema = z.strictObject({
  /** Data files that are whole. */
  files,
  /** The file being written: so many of its parameters lie in its first `sizeBytes`. */
  open: z
    .strictObject({
      name: z.string(),
      sizeBytes: z.int().nonnegative(),
      sha256,
      parameters: z.int().positive(),
    })
    .nullable(),
  tensors,
  keptWider: z.array(z.string()),
  tokenTable: tokenTable.nullable(),
  /** What lm_head is stored in, which takes a measurement to find out. */
  head: z.strictObject({ precision, notes: z.array(z.string()) }).nullable(),
});
const journalSchema = z.strictObject({ key: sha256, progress: progressSchema });

/** What has been done, changed in place by whoever does more. */
export type StoreProgress = z.infer<typeof progressSchema>;

export interface ConversionJournal {
  readonly progress: StoreProgress;
  /** Puts it on the disk: after that, a kill loses nothing of it. */
  save(): Promise<void>;
  /** To be called when the work is whole. */
  remove(): Promise<void>;
}

/**
 * Says which conversion this is: recipe, precision, and the checkpoint's files with sizes and times of change, since
 * reading gigabytes to know them again would cost what going on saves.
 */
export async function conversionKey(
  checkpoint: string,
  asked: { precision: Precision; readsApart?: boolean | undefined },
): Promise<string> {
  const hash = createHash('sha256').update(`${recipeVersion}\0${asked.precision}\0${asked.readsApart}`);
  for (const name of (await readdir(checkpoint)).sort()) {
    const found = await stat(join(checkpoint, name), { bigint: true });
    if (found.isFile()) hash.update(`\0${name}\0${found.size}\0${found.mtimeNs}`);
  }
  return hash.digest('hex');
}

/** Where the work on OUT happens, and stays when it is stopped. */
export const partialFolder = (out: string): string => `${out}.partial`;

/** Whether a conversion of this checkpoint into OUT was begun, and would go on rather than begin. */
export async function isBegun(request: {
  checkpoint: string;
  out: string;
  precision: Precision;
  readsApart?: boolean | undefined;
}): Promise<boolean> {
  const key = await conversionKey(request.checkpoint, request).catch(() => null);
  return key !== null && canGoOn(partialFolder(request.out), key);
}

/** Whether a work folder holds the beginning of this conversion. */
export async function canGoOn(folder: string, key: string): Promise<boolean> {
  return (await read(folder))?.key === key;
}

/** The journal of a work folder, empty where none of this conversion is there. */
export async function openJournal(folder: string, key: string): Promise<ConversionJournal> {
  const found = await read(folder);
  const progress: StoreProgress =
    found?.key === key
      ? found.progress
      : { files: [], open: null, tensors: {}, keptWider: [], tokenTable: null, head: null };
  const path = join(folder, journalFile);
  return {
    progress,
    async save() {
      await rm(`${path}.new`, { force: true });
      await writeWholeFile(`${path}.new`, JSON.stringify({ key, progress }));
      await rename(`${path}.new`, path);
    },
    remove: () => rm(path, { force: true }),
  };
}

async function read(folder: string): Promise<z.infer<typeof journalSchema> | null> {
  try {
    return journalSchema.parse(JSON.parse(await readFile(join(folder, journalFile), 'utf8')));
  } catch {
    return null; // none yet, or another version's
  }
}
