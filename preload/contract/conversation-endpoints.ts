/** Everything a person does with conversations besides asking: list, find, arrange, edit, export, import, delete. */
import { z } from 'zod';
import {
  conversationFilterSchema,
  conversationPageSchema,
  conversationPatchSchema,
  conversationSchema,
  draftSchema,
  earlierQuestionSchema,
  exportFormatSchema,
  folderSchema,
  importReportSchema,
  messagePageSchema,
  messageSchema,
  searchPageSchema,
  searchQuerySchema,
  tagSchema,
} from './conversations.ts';
import { type Contract, call, stream } from './define.ts';
import { conversationIdSchema, folderIdSchema, messageIdSchema, tagIdSchema } from './ids.ts';
import { bytePieceSchema, uploadIdSchema } from './uploads.ts';

const conversation = z.object({ id: conversationIdSchema });
const message = z.object({ messageId: messageIdSchema });
const nothing = z.object({});

export const conversationContract = {
  listConversations: call(conversationFilterSchema, conversationPageSchema),
  getConversation: call(conversation, conversationSchema),
  /** `temporary` conversations live in memory only. What is left out comes from the settings. */
  createConversation: call(
    z.object({
      temporary: z.boolean().default(false),
      folderId: folderIdSchema.nullable().default(null),
      systemText: conversationPatchSchema.shape.systemText,
      sampling: conversationPatchSchema.shape.sampling,
      contextPolicy: conversationPatchSchema.shape.contextPolicy,
      thinking: conversationPatchSchema.shape.thinking,
    }),
    conversationSchema,
  ),
  updateConversation: call(conversation.extend({ patch: conversationPatchSchema }), conversationSchema),
  /** For good: messages, files nobody else uses, and their traces in search and backups. */
  deleteConversation: call(conversation, nothing),
  /** A stretch of the shown path: from `start`, around a message, or its end. */
  listMessages: call(
    z.object({
      conversationId: conversationIdSchema,
      start: z.int().nonnegative().exactOptional(),
      around: messageIdSchema.exactOptional(),
      limit: z.int().min(1).max(1000).default(100),
    }),
    messagePageSchema,
  ),
  getMessage: call(message, messageSchema),
  /** All questions of its branch before a message, oldest first, for a page that shows only the end. */
  listEarlierQuestions: call(message, z.object({ questions: z.array(earlierQuestionSchema) })),
  /** Shows the path through this message. */
  showBranch: call(message, nothing),
  /** For good, with all that follows it. */
  deleteMessage: call(message, nothing),
  /** Changes a person's or the model's words by hand: a sibling; nothing is asked. Attachments of the parts stay. */
  rewriteMessage: call(message.extend({ text: z.string().max(1_000_000) }), messageSchema),
  searchMessages: call(searchQuerySchema, searchPageSchema),
  listFolders: call(nothing, z.object({ folders: z.array(folderSchema), tags: z.array(tagSchema) })),
  createFolder: call(
    z.object({ name: folderSchema.shape.name, parentId: folderIdSchema.nullable().default(null) }),
    folderSchema,
  ),
  updateFolder: call(folderSchema, nothing),
  /** Its conversations stay, without a folder. */
  deleteFolder: call(z.object({ id: folderIdSchema }), nothing),
  createTag: call(z.object({ name: tagSchema.shape.name }), tagSchema),
  renameTag: call(tagSchema, nothing),
  deleteTag: call(z.object({ id: tagIdSchema }), nothing),
  /** Null: the question that has no conversation yet. */
  getDraft: call(
    z.object({ conversationId: conversationIdSchema.nullable() }),
    z.object({ draft: draftSchema.nullable() }),
  ),
  /** Neither parts nor a task removes it. */
  saveDraft: call(
    draftSchema.omit({ updatedAtMs: true }).extend({ conversationId: conversationIdSchema.nullable() }),
    nothing,
  ),
  /** No ids: everything but temporary conversations. The file comes in pieces. */
  exportConversations: stream(
    z.object({ ids: z.array(conversationIdSchema).max(100_000), format: exportFormatSchema }),
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('header'), fileName: z.string(), mediaType: z.string() }),
      z.object({ type: z.literal('piece'), bytes: bytePieceSchema }),
    ]),
  ),
  importConversations: call(z.object({ uploadId: uploadIdSchema }), importReportSchema),
} satisfies Contract;
