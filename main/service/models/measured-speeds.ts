/** How fast models were found to be on this machine: a small file of the profile, by model. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ModelId, modelIdSchema } from '../../../preload/contract/ids.ts';
import { type MeasuredSpeed, measuredSpeedSchema } from '../../../preload/contract/models.ts';

const savedSchema = z.object({ speeds: z.partialRecord(modelIdSchema, measuredSpeedSchema) });

export interface MeasuredSpeeds {
  get(id: ModelId): Promise<MeasuredSpeed | null>;
  keep(id: ModelId, speed: MeasuredSpeed): Promise<void>;
}

export function measuredSpeeds(profileFolder: string): MeasuredSpeeds {
  const path = join(profileFolder, 'measured-speeds.json');
  const read = async () => {
    try {
      return savedSchema.parse(JSON.parse(await readFile(path, 'utf8'))).speeds;
    } catch {
      return {}; // none yet, or cut off while it was written
    }
  };
  return {
    get: async (id) => (await read())[id] ?? null,
    async keep(id, speed) {
      const speeds = { ...(await read()), [id]: speed };
      try {
        await mkdir(profileFolder, { recursive: true, mode: 0o700 });
        await writeFile(`${path}.new`, JSON.stringify({ speeds }, null, 1), { mode: 0o600 });
        await rename(`${path}.new`, path);
      } catch {
        // A profile that can't be written to is a state the app is open in; it is measured again the next time.
      }
    },
  };
}
