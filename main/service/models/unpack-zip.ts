/** Takes a model's files out of a zip archive: known names only, each as long as promised and with the promised checksum. */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { AppError } from '../../../preload/contract/errors.ts';
import { refuseFullDisk } from './disk.ts';
import { brokenZip, packedStart, readZipDirectory, type ZipMember } from './zip-directory.ts';

export interface UnpackRequest {
  archive: string;
  /** Folder to make; it appears when all is there. */
  folder: string;
  /** Bytes that are needed on the same disk besides. */
  copyBytes: number;
  /** Paths within the model's folder to take, with `/` and no way out of it; everything else stays in the archive. */
  wants: (path: string) => boolean;
  onProgress: (doneBytes: number, totalBytes: number) => void;
  signal: AbortSignal;
}

/** Real weights hardly shrink; text of a tokenizer does by ten. */
const mostGrowth = 200;

/**
 * The files may lie in one folder of the archive; of its name nothing is used, so no entry can leave `folder`.
 * @throws AppError `media_broken`, `disk_full`, `path_refused` where one name comes twice, `password_needed`,
 * `checkpoint_broken` where nothing wanted is in it; the signal's reason after an abort, and then nothing is left
 */
export async function unpackZip(request: UnpackRequest): Promise<void> {
  const { archive, folder, signal } = request;
  const file = await open(archive);
  const partial = `${folder}.partial`;
  try {
    const members = chooseMembers(await readZipDirectory(file), request.wants);
    const totalBytes = members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 });
    await refuseFullDisk(partial, totalBytes + request.copyBytes);
    let doneBytes = 0;
    for (const { path, ...member } of members) {
      const target = join(partial, ...path.split('/'));
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await unpackMember(file, member, {
        path: target,
        signal,
        onBytes: (sizeBytes) => {
          doneBytes += sizeBytes;
          request.onProgress(doneBytes, totalBytes);
        },
      });
    }
    await rename(partial, folder);
  } finally {
    await file.close();
    await rm(partial, { recursive: true, force: true });
  }
}

/** A member with its path inside the model's folder. */
type ChosenMember = ZipMember & { path: string };

const plainPath = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]*\/)?[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Of all folders of the archive that hold a wanted file, the shallowest is the model's. */
function chooseMembers(members: readonly ZipMember[], wants: (path: string) => boolean): ChosenMember[] {
  const folderOf = (name: string) => name.slice(0, name.lastIndexOf('/') + 1);
  const folders = members
    .map(({ name }) => folderOf(name))
    .filter((folder, at) => wants(members[at]!.name.slice(folder.length)));
  const depthOf = (folder: string) => folder.split('/').length;
  const shallowest = Math.min(...folders.map(depthOf));
  const roots = new Set(folders.filter((folder) => depthOf(folder) === shallowest));
  const chosen = members.flatMap((member) => {
    const root = [...roots].find((folder) => member.name.startsWith(folder));
    const path = root === undefined ? '' : member.name.slice(root.length);
    return plainPath.test(path) && wants(path) ? [{ ...member, path }] : [];
  });
  if (chosen.length === 0) {
    throw new AppError(
      'checkpoint_broken',
      'This archive holds no model: no config.json with weights is in it.',
    );
  }
  if (new Set(chosen.map(({ path }) => path)).size !== chosen.length)
    throw new AppError(
      'path_refused',
      'This archive holds two files of one name. Unpack it and add the folder.',
    );
  for (const { isEncrypted, method, sizeBytes, packedBytes } of chosen) {
    if (isEncrypted)
      throw new AppError('password_needed', 'This archive is encrypted. Unpack it and add the folder.');
    if ((method !== 0 && method !== 8) || sizeBytes > mostGrowth * packedBytes + 1024) throw brokenZip();
  }
  return chosen;
}

async function unpackMember(
  file: FileHandle,
  member: ZipMember,
  target: { path: string; signal: AbortSignal; onBytes: (sizeBytes: number) => void },
): Promise<void> {
  const start = await packedStart(file, member);
  const out = await open(target.path, 'wx', 0o600);
  let sum = 0;
  let sizeBytes = 0;
  const write = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > member.sizeBytes) throw brokenZip();
      sum = crc32(chunk, sum);
      await out.write(chunk);
      target.onBytes(chunk.byteLength);
    }
  };
  try {
    if (member.packedBytes > 0) {
      const packed = file.createReadStream({ start, end: start + member.packedBytes - 1, autoClose: false });
      if (member.method === 8) await pipeline(packed, createInflateRaw(), write, { signal: target.signal });
      else await pipeline(packed, write, { signal: target.signal });
    }
    await out.sync();
  } catch (error) {
    target.signal.throwIfAborted();
    throw asZipFault(error);
  } finally {
    await out.close();
  }
  if (sizeBytes !== member.sizeBytes || sum !== member.crc32) throw brokenZip();
}

function asZipFault(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError('disk_full', 'The disk is full. Free some space and add the archive again.', {
      retryable: true,
      cause: error,
    });
  return code?.startsWith('Z_') ? brokenZip(error) : error;
}
