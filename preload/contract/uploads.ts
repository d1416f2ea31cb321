/** How bytes cross the border: files are handed over outside the contract and named here by an upload's id. */
import { z } from 'zod';

/** A file handed to the host (dropped, picked, pasted, captured); used up by the call that names it. */
export const uploadIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16,64}$/)
  .brand<'UploadId', 'inout'>();

/** Bytes in a frame; a whole frame is at most 64 KiB. */
export const bytePieceSchema = z
  .instanceof(Uint8Array)
  .refine((bytes) => bytes.byteLength <= 48 * 1024, 'a piece holds at most 48 KiB');

export type UploadId = z.infer<typeof uploadIdSchema>;
