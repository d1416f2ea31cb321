/** Secrets at rest, sealed with the system's key store. */
import { safeStorage } from 'electron';
import { AppError } from '../../preload/contract/errors.ts';

/**
 * On a Linux without a key store Chromium would seal with a password that everybody knows: refused, since a person who
 * saves a token believes it safe.
 */
function canSeal(): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false;
  return process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text';
}

/** @throws AppError `device_unavailable` where there is no key store */
export function sealSecret(text: string): string {
  if (!canSeal())
    throw new AppError(
      'device_unavailable',
      'This system has no key store that is open, so the app keeps no secrets. Unlock or install one (GNOME Keyring, KWallet).',
    );
  return safeStorage.encryptString(text).toString('base64');
}

/** @throws AppError `not_found` for one that was sealed elsewhere */
export function unsealSecret(sealed: string): string {
  try {
    return safeStorage.decryptString(Buffer.from(sealed, 'base64'));
  } catch (error) {
    throw new AppError('not_found', 'A stored secret can’t be read any more. Enter it again.', {
      cause: error,
    });
  }
}
