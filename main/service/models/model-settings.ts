/** What a person set for models: where they lie, how fast they come, when they leave. A small file, so that the command line reads it too. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../preload/contract/errors.ts';

const savedSchema = z.object({
  /** Null: the folder `models` of the profile. */
  libraryFolder: z.string().nullable().default(null),
  bytesPerSecond: z.int().positive().nullable().default(null),
  /** Loading a converted model again takes seconds; the memory it holds is gigabytes. */
  idleUnloadMinutes: z.int().min(1).max(1440).nullable().default(15),
  /** Access token of the Hub as the shell sealed it. */
  sealedToken: z.string().nullable().default(null),
  /** Nothing is fetched from the Hub, and no server is asked. */
  offline: z.boolean().default(false),
});
export type SavedModelSettings = z.infer<typeof savedSchema>;

export interface ModelSettingsFile {
  get(): SavedModelSettings;
  /** Folder of the library: models, and `checkpoints` beside them. */
  libraryFolder(): string;
  /** @throws AppError `profile_readonly` */
  update(patch: Partial<SavedModelSettings>): Promise<void>;
}

export async function openModelSettings(profileFolder: string): Promise<ModelSettingsFile> {
  const path = join(profileFolder, 'model-settings.json');
  let saved = await read(path);
  return {
    get: () => saved,
    libraryFolder: () => saved.libraryFolder ?? join(profileFolder, 'models'),
    async update(patch) {
      const next = { ...saved, ...patch };
      try {
        await mkdir(profileFolder, { recursive: true, mode: 0o700 });
        await writeFile(`${path}.new`, JSON.stringify(next, null, 1), { mode: 0o600 });
        await rename(`${path}.new`, path);
      } catch (cause) {
        const sentence = 'The app may not write to its folder, so this setting can’t be kept.';
        throw new AppError('profile_readonly', sentence, { cause });
      }
      saved = next;
    },
  };
}

async function read(path: string): Promise<SavedModelSettings> {
  try {
    return savedSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return savedSchema.parse({}); // none yet, or cut off while it was written
  }
}
