/** What a model was made of, so that a damaged file can be made again: a commit of the Hub, or a place on this machine. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export const modelOriginSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hub'),
    repository: z.string(),
    commit: z.string(),
    license: z.string().nullable(),
  }),
  /** A checkpoint, an export or a converted model, as folder or zip. Never shown to pages. */
  z.strictObject({ type: z.literal('path'), path: z.string() }),
]);

export type ModelOrigin = z.infer<typeof modelOriginSchema>;

const maxLicenseLength = 100;

/** What the page of a checkpoint names in its first lines, where the page was fetched with it. */
export async function readLicense(checkpoint: string): Promise<string | null> {
  const text = await readFile(join(checkpoint, 'README.md'), 'utf8').catch(() => '');
  const [, head = ''] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? [];
  return /^license:\s*(\S.*?)\s*$/m.exec(head)?.[1]?.slice(0, maxLicenseLength) ?? null;
}
