/** The key of a model server, for command lines: an environment variable, or a file that only its owner can read. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';

/** Longer than any key that is in use. */
const maxKeyBytes = 4096;
/** Rights of everybody but the owner. */
const othersRights = 0o077;

/**
 * `INTERNVL_SERVER_KEY` itself, else the first line of the file that `INTERNVL_SERVER_KEY_FILE` names.
 * @returns null where neither is set
 * @throws AppError `access_denied` for a file that others can read, is empty or is no key; `not_found` where there is none
 */
export async function serverKey(env: NodeJS.ProcessEnv): Promise<string | null> {
  if (env.INTERNVL_SERVER_KEY) return env.INTERNVL_SERVER_KEY;
  return env.INTERNVL_SERVER_KEY_FILE ? readKeyFile(env.INTERNVL_SERVER_KEY_FILE) : null;
}

async function readKeyFile(path: string): Promise<string> {
  const name = basename(path);
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new AppError('not_found', `The key file ${name} can't be read.`, { cause });
  });
  try {
    // The opened file itself is asked, so that nothing can be put in its place between the two.
    const { mode, size } = await file.stat();
    // Windows has no such bits; there the folder's rights decide.
    if (process.platform !== 'win32' && (mode & othersRights) !== 0) {
      throw new AppError(
        'access_denied',
        `Others can read the key file ${name}. Make it yours alone (chmod 600) and try again.`,
      );
    }
    const [key = ''] = size > maxKeyBytes ? [] : (await file.readFile('utf8')).split(/\r?\n/);
    if (key.trim() !== '') return key.trim();
    throw new AppError('access_denied', `The key file ${name} holds no key on its first line.`);
  } finally {
    await file.close();
  }
}
