/** What outlives the app of its API server: the port and the token, in a file of the profile. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const savedSchema = z.object({ port: z.int().min(0).max(65_535), sealedToken: z.string().nullable() });
type Saved = z.infer<typeof savedSchema>;

/** Of a token: less would be guessed, and can only be a broken file or key store. */
const leastCharacters = 16;

/** LMDeploy's. */
const usualPort = 23_333;

/** How secrets are kept: by the shell, whose `encryptSecret` fails where the system has no key store. */
interface SecretKeeper {
  encryptSecret(secret: { text: string }): Promise<{ sealed: string }>;
  decryptSecret(secret: { sealed: string }): Promise<{ text: string }>;
}

export interface ApiMemory {
  /** `token` is null where none was kept, or it can't be read any more. */
  read(): Promise<{ port: number; token: string | null }>;
  /** @returns whether the token is kept; nothing is told of a profile that can't be written */
  keep(remembered: { port: number; token: string }): Promise<boolean>;
}

export function openApiMemory(profileFolder: string, secrets: SecretKeeper): ApiMemory {
  const path = join(profileFolder, 'api-server.json');

  async function readSaved(): Promise<Saved> {
    try {
      return savedSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return { port: usualPort, sealedToken: null }; // none yet, or cut off while it was written
    }
  }

  return {
    async read() {
      const { port, sealedToken: sealed } = await readSaved();
      if (sealed === null) return { port, token: null };
      const opened = await secrets.decryptSecret({ sealed }).catch(() => null);
      return { port, token: opened && opened.text.length >= leastCharacters ? opened.text : null };
    },
    async keep({ port, token }) {
      const sealed = await secrets.encryptSecret({ text: token }).catch(() => null);
      try {
        const saved: Saved = { port, sealedToken: sealed?.sealed ?? null };
        await writeFile(`${path}.new`, JSON.stringify(saved), { mode: 0o600 });
        await rename(`${path}.new`, path);
        return sealed !== null;
      } catch {
        return false;
      }
    },
  };
}
