/** The seal of a model folder: a copy of its manifest, when each file was last found right, and what it was made of. */
import { createHash } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { manifestFile, readModelManifest } from '../../../native-models/process/convert-client.ts';
import { type ModelOrigin, modelOriginSchema } from './model-origin.ts';

/** Lies in the model folder. */
export const sealFile = 'seal.json';

const sealSchema = z.strictObject({
  /** The manifest as it was written: it can't vouch for itself, and a damaged one is replaced by this. */
  manifest: z.string(),
  /** Time of change of each file when its bytes were last known to be right, in nanoseconds. */
  changedAt: z.record(z.string(), z.string().regex(/^\d+$/)),
  /** Null where nobody noted it. */
  origin: modelOriginSchema.nullable(),
  license: z.string().nullable(),
});
export type Seal = z.infer<typeof sealSchema>;

/**
 * Notes that the folder is as it should be; to be called by whoever has just written or checked it.
 * @param made what it was made of, and under which licence; left out: as it was noted before
 */
export async function sealModelFolder(
  path: string,
  made?: { origin: ModelOrigin; license: string | null },
): Promise<void> {
  const { files } = await readModelManifest(path);
  const changedAt: Seal['changedAt'] = {};
  for (const { name } of files) changedAt[name] = await changeTime(path, name);
  const before = made ? null : await readSeal(path);
  const manifest = await readFile(join(path, manifestFile), 'utf8');
  const whole = before === 'broken' ? null : before;
  const { origin, license } = made ?? whole ?? { origin: null, license: null };
  const file = join(path, sealFile);
  await writeFile(`${file}.new`, writeSeal({ manifest, changedAt, origin, license }), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** The seal with its own hash around it, so that no byte of it can change unseen. */
function writeSeal(sealed: Seal): string {
  const sha256 = createHash('sha256').update(JSON.stringify(sealed)).digest('hex');
  return JSON.stringify({ sha256, sealed });
}

/** Null where the folder was never sealed; `broken` where a byte of the seal is not as it was written. */
export async function readSeal(path: string): Promise<Seal | 'broken' | null> {
  const text = await readFile(join(path, sealFile), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const { sealed } = z.object({ sealed: sealSchema }).parse(JSON.parse(text));
    return writeSeal(sealed) === text ? sealed : 'broken';
  } catch {
    return 'broken';
  }
}

/** In nanoseconds, as text. */
export async function changeTime(path: string, name: string): Promise<string> {
  return String((await stat(join(path, name), { bigint: true })).mtimeNs);
}
