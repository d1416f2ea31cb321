/** Files a person brought along, and the parts of a message that point into them. */
import { z } from 'zod';
import { attachmentIdSchema } from './ids.ts';

const attachmentKindSchema = z.enum(['picture', 'document', 'film']);

/** What is known of a stored file. Its name belongs to the part that shows it: equal bytes may have two names. */
export const attachmentSchema = z.object({
  id: attachmentIdSchema,
  kind: attachmentKindSchema,
  mediaType: z
    .string()
    .max(100)
    .regex(/^[a-z]+\/[a-z0-9.+-]+$/),
  sizeBytes: z.int().nonnegative(),
  widthPx: z.int().positive().nullable(),
  heightPx: z.int().positive().nullable(),
  pageCount: z.int().positive().nullable(),
  durationMs: z.number().nonnegative().nullable(),
  hasThumbnail: z.boolean(),
});

/** Shares of the picture's or page's width and height, from its upper left corner. */
export const boxSchema = z.object({
  x: z.number().min(0).max(1),
  y: z.number().min(0).max(1),
  width: z.number().min(0).max(1),
  height: z.number().min(0).max(1),
});

/** How closely a picture is looked at: how many tiles it may take. */
const detailSchema = z.enum(['fast', 'balanced', 'smallPrint']);

const fileName = z.string().max(500);
const pageNumber = z.int().positive().max(100_000);
const file = { attachmentId: attachmentIdSchema, name: fileName };

const textPartSchema = z.object({ type: z.literal('text'), text: z.string().max(10_000_000) });

/** A whole picture. */
export const picturePartSchema = z.object({ type: z.literal('picture'), ...file, detail: detailSchema });

/** A box on a picture, on a page (`page`, from 1) or on a film's frame (`timeMs`). */
const regionPartSchema = z.object({
  type: z.literal('region'),
  ...file,
  detail: detailSchema,
  page: pageNumber.nullable(),
  timeMs: z.number().nonnegative().nullable(),
  box: boxSchema,
});

/** Pages of a document (from 1), each as picture, as its text layer, or both. */
const documentPartSchema = z.object({
  type: z.literal('document'),
  ...file,
  detail: detailSchema,
  pages: z.array(z.object({ page: pageNumber, as: z.enum(['picture', 'text', 'both']) })).max(2000),
});

/** Frames of a film, by their times. */
const filmPartSchema = z.object({
  type: z.literal('film'),
  ...file,
  detail: detailSchema,
  startMs: z.number().nonnegative(),
  endMs: z.number().nonnegative(),
  frameTimesMs: z.array(z.number().nonnegative()).max(1024),
});

export const partSchema = z.discriminatedUnion('type', [
  textPartSchema,
  picturePartSchema,
  regionPartSchema,
  documentPartSchema,
  filmPartSchema,
]);

export type Attachment = z.infer<typeof attachmentSchema>;
export type Box = z.infer<typeof boxSchema>;
export type Detail = z.infer<typeof detailSchema>;
export type Part = z.infer<typeof partSchema>;
