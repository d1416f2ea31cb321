/** Files the shell was given become uploads that pages may name. */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type UploadId, uploadIdSchema } from '../../preload/contract/uploads.ts';
import type { AppHost } from '../hosts/app-host.ts';

/** A file that lies on the disk, and stays there. */
export async function offerFile({ client }: AppHost, path: string): Promise<UploadId> {
  const uploadId = uploadIdSchema.parse(randomUUID());
  const name = basename(path).slice(-500) || path.slice(-500);
  await client.registerUpload({ uploadId, path, name, isTemporary: false });
  return uploadId;
}

/** Bytes that the shell made, written down until they are used up. */
export async function offerBytes(
  { client }: AppHost,
  { bytes, name, folder }: { bytes: Uint8Array; name: string; folder: string },
): Promise<UploadId> {
  const uploadId = uploadIdSchema.parse(randomUUID());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, uploadId);
  await writeFile(path, bytes, { mode: 0o600 });
  await client.registerUpload({ uploadId, path, name, isTemporary: true });
  return uploadId;
}
