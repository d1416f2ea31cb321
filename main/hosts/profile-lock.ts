/** One app per profile folder: whoever comes second is told, and touches nothing. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import { withFolderLock } from '../service/models/folder-lock.ts';

/** What keeps a lock from being written keeps the store from being written too, and the store tells that better. */
const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST']);

/**
 * Runs `work` as the only app on the profile folder, which is made where it is missing.
 * @throws AppError `store_busy` while another app holds it
 */
export async function withProfileLock<T>(profileFolder: string, work: () => Promise<T>): Promise<T> {
  const held = new AbortController();
  let isWorking = false;
  try {
    await mkdir(profileFolder, { recursive: true, mode: 0o700 });
    return await withFolderLock(
      join(profileFolder, 'app.lock'),
      () => {
        isWorking = true;
        return work();
      },
      { signal: held.signal, onWait: () => held.abort() },
    );
  } catch (error) {
    if (isWorking) throw error;
    if (held.signal.aborted)
      throw new AppError(
        'store_busy',
        'InternVL Desktop is running already with this profile folder. Use that window or address, or end it first.',
      );
    if (unwritable.has((error as NodeJS.ErrnoException).code ?? '')) return work();
    throw error;
  }
}
