/** Files that were handed to the host and may be named by pages, until the call that uses them up. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assembleBytes, type ByteAssembly, type BytePiece } from '../../native-models/process/byte-pieces.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type { UploadId } from '../../preload/contract/uploads.ts';

/** A file or folder on the disk. */
export interface UploadedFile {
  path: string;
  /** As the person knows it. */
  name: string;
  /** Made for this upload: removed when it is used up. */
  isTemporary: boolean;
}

/** What lies on no disk, and never shall. */
export interface UploadedBytes {
  bytes: Uint8Array;
  name: string;
}

export interface Uploads {
  register(id: UploadId, upload: UploadedFile): void;
  /**
   * Takes the next piece of a file that stays in memory; the first one names it and tells its size.
   * @throws AppError `invalid_request` for pieces that don't fit together
   */
  receive(id: UploadId, file: { name: string; sizeBytes: number }, piece: BytePiece): void;
  /** @throws AppError `not_found` */
  find(id: UploadId): UploadedFile | UploadedBytes;
  /** @throws AppError `not_found`, `invalid_request` for one that lies in memory */
  findFile(id: UploadId): UploadedFile;
  /** Forgets an upload, and removes its file where it was made for it. */
  release(id: UploadId): Promise<void>;
}

type ComingUpload = { name: string; sizeBytes: number; assembly: ByteAssembly };

/** A page may offer a folder full of files; beyond this the oldest are forgotten. */
const mostUploads = 10_000;

/** Of all that lie in memory; a page that died between handing over and naming leaves some behind. */
const mostBytesInMemory = 512 * 1024 * 1024;

export function createUploads(): Uploads {
  const uploads = new Map<UploadId, UploadedFile | ComingUpload>();
  const release = async (id: UploadId) => {
    const upload = uploads.get(id);
    uploads.delete(id);
    if (upload && 'path' in upload && upload.isTemporary) await rm(upload.path, { force: true });
  };
  const find = (id: UploadId) => {
    const upload = uploads.get(id);
    if (upload && 'path' in upload) return upload;
    const bytes = upload?.assembly.bytes();
    if (upload && bytes) return { bytes, name: upload.name };
    throw new AppError('not_found', 'This file was not handed over, or was used already. Add it again.');
  };
  const begin = (id: UploadId, { name, sizeBytes }: { name: string; sizeBytes: number }) => {
    const held = [...uploads].flatMap(([key, upload]) =>
      'path' in upload ? [] : [{ key, sizeBytes: upload.sizeBytes }],
    );
    let inMemory = held.reduce((sum, upload) => sum + upload.sizeBytes, sizeBytes);
    for (const upload of held) {
      if (inMemory <= mostBytesInMemory) break;
      uploads.delete(upload.key);
      inMemory -= upload.sizeBytes;
    }
    uploads.set(id, { name, sizeBytes, assembly: assembleBytes(sizeBytes) });
  };
  return {
    register(id, upload) {
      uploads.set(id, upload);
      const [oldest] = uploads.keys();
      if (oldest !== undefined && uploads.size > mostUploads) void release(oldest);
    },
    receive(id, file, piece) {
      if (piece.offset === 0) begin(id, file);
      const upload = uploads.get(id);
      if (!upload || 'path' in upload)
        throw new AppError('invalid_request', 'A file must begin with its first piece.');
      upload.assembly.add(piece);
    },
    find,
    findFile(id) {
      const upload = find(id);
      if ('path' in upload) return upload;
      throw new AppError('invalid_request', 'This file is kept in memory only. Choose it again.');
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
