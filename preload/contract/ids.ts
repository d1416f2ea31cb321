/** Names of stored things, branded both ways so that one kind can't stand where another is meant. */
import { z } from 'zod';

/** Url-safe and short: an id is also a file name, a path segment and a deep link. */
const plainId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/);

export const conversationIdSchema = plainId.brand<'ConversationId', 'inout'>();
export const messageIdSchema = plainId.brand<'MessageId', 'inout'>();
export const folderIdSchema = plainId.brand<'FolderId', 'inout'>();
export const tagIdSchema = plainId.brand<'TagId', 'inout'>();

/** An attachment is named by the sha256 of its bytes, in lower-case hex: equal files are one file. */
export const attachmentIdSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'AttachmentId', 'inout'>();

export type ConversationId = z.infer<typeof conversationIdSchema>;
export type MessageId = z.infer<typeof messageIdSchema>;
export type FolderId = z.infer<typeof folderIdSchema>;
export type TagId = z.infer<typeof tagIdSchema>;
export type AttachmentId = z.infer<typeof attachmentIdSchema>;

/** A model on this machine: the demo, or the name of its folder in the library. */
export const modelIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,200}$/)
  .brand<'ModelId', 'inout'>();
export type ModelId = z.infer<typeof modelIdSchema>;

/** Work that brings a model here, or moves them all. */
export const modelJobIdSchema = plainId.brand<'ModelJobId', 'inout'>();
export type ModelJobId = z.infer<typeof modelJobIdSchema>;
