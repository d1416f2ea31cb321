/** Files the shell was given become uploads that pages may name. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { type UploadId, uploadIdSchema } from '../../preload/contract/uploads.ts';
import type { AppHost } from '../hosts/app-host.ts';

/** A file that lies on the disk, and stays there. */
export async function offerFile({ client }: AppHost, path: string): Promise<UploadId> {
  const uploadId = uploadIdSchema.parse(randomUUID());
  const name = basename(path).slice(-500) || path.slice(-500);
  await client.registerUpload({ uploadId, path, name, isTemporary: false });
  return uploadId;
}
