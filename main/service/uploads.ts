/** Files that were handed to the host and may be named by pages, until the call that uses them up. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { UploadId } from '../../preload/contract/uploads.ts';

export interface Upload {
  path: string;
  /** As the person knows it. */
  name: string;
  /** Made for this upload: removed when it is used up. */
  isTemporary: boolean;
}

export interface Uploads {
  register(id: UploadId, upload: Upload): void;
  /** @throws AppError `not_found` */
  find(id: UploadId): Upload;
  /** Forgets an upload, and removes its file where it was made for it. */
  release(id: UploadId): Promise<void>;
}

/** A page may offer a folder full of files; beyond this the oldest are forgotten. */
const mostUploads = 10_000;

export function createUploads(): Uploads {
  const uploads = new Map<UploadId, Upload>();
  const release = async (id: UploadId) => {
    const upload = uploads.get(id);
    uploads.delete(id);
    if (upload?.isTemporary) await rm(upload.path, { force: true });
  };
  return {
    register(id, upload) {
      uploads.set(id, upload);
      const [oldest] = uploads.keys();
      if (oldest !== undefined && uploads.size > mostUploads) void release(oldest);
    },
    find(id) {
      const upload = uploads.get(id);
      if (!upload)
        throw new AppError('not_found', 'This file was not handed over, or was used already. Add it again.');
      return upload;
    },
    release,
  };
}

const dayMs = 24 * 60 * 60 * 1000;

/** Removes what an earlier run of the app left of its uploads; younger files may still be named by an open page. */
export async function forgetOldUploads(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > dayMs) await rm(path, { recursive: true, force: true });
  }
}
