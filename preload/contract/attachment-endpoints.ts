/**
 * Files a person brings: handed over, looked into, reused. What they look like comes from byte routes beside the
 * contract, `attachment/<id>` (the file itself) and `view/<id>` (a picture of it), see `viewPath`.
 */
import { z } from 'zod';
import { attachmentSchema, type boxSchema } from './attachments.ts';
import { type Contract, call } from './define.ts';
import { attachmentIdSchema, conversationIdSchema } from './ids.ts';
import { uploadIdSchema } from './uploads.ts';

const id = z.object({ id: attachmentIdSchema });
const password = z.string().max(1024).exactOptional();
const fileName = z.string().min(1).max(500);

/** A stored file with the name it has in the place it was found. */
const namedAttachment = z.object({ attachment: attachmentSchema, name: fileName });

const sampleSchema = z.object({
  id: z.string().max(100),
  fileName,
  question: z.string().max(500),
});

export const attachmentContract = {
  /**
   * Looks into an upload and keeps it. @throws `media_unsupported`, `media_broken`, `media_too_large`, `disk_full`,
   * `password_needed` (the upload stays; call again with the password)
   */
  addAttachment: call(
    z.object({
      uploadId: uploadIdSchema,
      password,
      /** Files of a temporary conversation are kept in memory only. */
      conversationId: conversationIdSchema.nullable().default(null),
    }),
    namedAttachment,
  ),
  getAttachment: call(id, attachmentSchema),
  /** Files of earlier conversations, newest first, each once. */
  listAttachments: call(
    z.object({
      cursor: z.string().max(100).nullable().default(null),
      limit: z.int().min(1).max(200).default(60),
    }),
    z.object({
      attachments: z.array(namedAttachment.extend({ conversationId: conversationIdSchema.nullable() })),
      nextCursor: z.string().nullable(),
    }),
  ),
  /** Pages of a document in points (1/72 inch), as shown. Only the first 500. */
  listPages: call(
    id.extend({ password }),
    z.object({
      pages: z.array(
        z.object({ widthPoints: z.number().positive(), heightPoints: z.number().positive() }).nullable(),
      ),
    }),
  ),
  /** A page's text layer, or a document's text (page 1). `hasText` is false for scans. */
  readPageText: call(
    id.extend({ page: z.int().positive() }),
    z.object({ text: z.string(), hasText: z.boolean(), truncated: z.boolean() }),
  ),
  /** Times of `count` frames between two times: evenly as the model card does, or where the scene changes. */
  sampleFrames: call(
    id.extend({
      count: z.int().min(1).max(64),
      startMs: z.number().nonnegative(),
      endMs: z.number().nonnegative(),
      how: z.enum(['evenly', 'scenes']).default('evenly'),
    }),
    z.object({ timesMs: z.array(z.number().nonnegative()) }),
  ),
  /** Documents that come with the app, each with a question to try. */
  listSamples: call(z.object({}), z.object({ samples: z.array(sampleSchema) })),
  addSample: call(z.object({ id: sampleSchema.shape.id }), namedAttachment),
} satisfies Contract;

/** Which picture of a file: all of it, a page, a frame, or a box on one of these. */
export interface ViewOf {
  page?: number;
  timeMs?: number;
  box?: z.infer<typeof boxSchema>;
  /** Longest side in pixels; default 1024. */
  maxSide?: number;
}

/** Path below the app's origin of a WebP of a file; what browsers can't show (HEIC, TIFF, pages, frames) is shown so. */
export function viewPath(attachmentId: string, of: ViewOf = {}): string {
  const query = new URLSearchParams();
  if (of.page !== undefined) query.set('page', `${of.page}`);
  if (of.timeMs !== undefined) query.set('timeMs', `${of.timeMs}`);
  if (of.box) query.set('box', [of.box.x, of.box.y, of.box.width, of.box.height].join(','));
  if (of.maxSide !== undefined) query.set('maxSide', `${of.maxSide}`);
  const text = query.toString();
  return `view/${attachmentId}${text === '' ? '' : `?${text}`}`;
}

export type NamedAttachment = z.infer<typeof namedAttachment>;
export type Sample = z.infer<typeof sampleSchema>;
