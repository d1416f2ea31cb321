/** Room on a disk: how much there is, and a refusal before work begins that would not fit. */
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';

/** Of the disk that holds `folder`, or will hold it: the nearest folder above that exists counts. */
export async function freeDiskBytes(folder: string): Promise<number> {
  let place = folder;
  while (!(await stat(place).catch(() => null)) && dirname(place) !== place) place = dirname(place);
  const disk = await statfs(place);
  return disk.bavail * disk.bsize;
}

/** @throws AppError `disk_full` with both figures */
export async function refuseFullDisk(folder: string, neededBytes: number): Promise<void> {
  const freeBytes = await freeDiskBytes(folder);
  if (freeBytes >= neededBytes) return;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  throw new AppError(
    'disk_full',
    `The model and its converted copy need ${gigabytes(neededBytes)} GB free, the disk has ${gigabytes(freeBytes)} GB. Free some space, or move the library to another disk.`,
    { retryable: true },
  );
}
