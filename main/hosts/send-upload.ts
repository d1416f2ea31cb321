/** Hands bytes to the service as an upload, in pieces, without ever writing them down. */
import { randomUUID } from 'node:crypto';
import { splitBytes } from '../../native-models/process/byte-pieces.ts';
import { type UploadId, uploadIdSchema } from '../../preload/contract/uploads.ts';
import type { HostClient } from '../service/host-contract.ts';

/** @param file of at most `mostUploadBytesInMemory`; the upload is whole once this resolves */
export async function sendUpload(
  client: Pick<HostClient, 'putUpload'>,
  { name, bytes }: { name: string; bytes: Uint8Array },
): Promise<UploadId> {
  const uploadId = uploadIdSchema.parse(randomUUID());
  for (const { offset, last, bytes: piece } of splitBytes(bytes)) {
    // Nothing that comes here lies in shared memory.
    const plain = piece as Uint8Array<ArrayBuffer>;
    await client.putUpload({ uploadId, name, sizeBytes: bytes.byteLength, offset, bytes: plain, last });
  }
  return uploadId;
}
