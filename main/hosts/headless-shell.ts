/** The shell's powers where there is no shell: no dialogs, no notifications, and secrets sealed with a key file. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { ShellHandlers } from '../service/host-contract.ts';

export function headlessShell(profileFolder: string): ShellHandlers {
  const keyFile = join(profileFolder, 'secrets.key');
  return {
    async describeShell() {
      return { host: 'headless', can: { chooseFolders: false, captureRegion: false, openLinks: false } };
    },
    async openExternalLink() {
      throw noShell('Links are opened by your browser.');
    },
    async chooseFolder() {
      throw noShell('Folders can be chosen in the desktop app only.');
    },
    async captureRegion() {
      throw noShell('The screen can be captured in the desktop app only.');
    },
    notifyAnswer: async () => ({}),
    setBusy: async () => ({}),
    encryptSecret: async ({ text }) => ({ sealed: seal(text, await readKey(keyFile)) }),
    decryptSecret: async ({ sealed }) => ({ text: unseal(sealed, await readKey(keyFile)) }),
  };
}

function noShell(sentence: string): AppError {
  return new AppError('not_found', sentence);
}

/** The key beside what it seals keeps secrets out of backups and exports of the database, and from other users. */
async function readKey(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(randomBytes(32));
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new AppError(
        'profile_readonly',
        'The app may not write to its folder, so it can’t keep a secret.',
      );
  }
  return readFile(path);
}

const ivBytes = 12;
const tagBytes = 16;

/** AES-256-GCM: iv, tag, text. */
function seal(text: string, key: Buffer): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

function unseal(sealed: string, key: Buffer): string {
  try {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes));
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    const text = decipher.update(bytes.subarray(ivBytes + tagBytes));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (error) {
    throw new AppError('not_found', 'A stored secret can’t be read any more. Enter it again.', {
      cause: error,
    });
  }
}
