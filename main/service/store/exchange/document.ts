/** Our own export of one conversation, as JSON: the whole tree, with attachments named by their sha256. */
import { z } from 'zod';
import { attachmentSchema } from '../../../../preload/contract/attachments.ts';
import {
  conversationSchema,
  type Message,
  messageSchema,
} from '../../../../preload/contract/conversations.ts';
import type { ConversationId } from '../../../../preload/contract/ids.ts';
import { messageIdSchema } from '../../../../preload/contract/ids.ts';
import type { Store } from '../open-store.ts';

const documentFormat = 'internvl-desktop-conversation';

const name = z.string().min(1).max(200);

/** Strict, so that a document of a later version is refused instead of half understood. */
export const documentSchema = z.strictObject({
  format: z.literal(documentFormat),
  version: z.literal(1),
  conversation: conversationSchema
    .omit({ folderId: true, tagIds: true, temporary: true })
    .extend({ folderPath: z.array(name).max(50), tags: z.array(name).max(100) }),
  messages: z.array(messageSchema.omit({ conversationId: true, siblingIds: true })).max(1_000_000),
  /** Last message of the shown path. */
  shownId: messageIdSchema.nullable(),
  attachments: z.array(attachmentSchema.omit({ hasThumbnail: true })),
});

export type ConversationDocument = z.infer<typeof documentSchema>;

/** @throws AppError `not_found` */
export function toDocument(store: Store, id: ConversationId): ConversationDocument {
  const { folderId, tagIds, temporary: _, ...conversation } = store.getConversation(id);
  const messages = store.listAllMessages(id);
  const tagNames = new Map(store.listTags().map((tag) => [tag.id, tag.name]));
  const folders = new Map(store.listFolders().map((folder) => [folder.id, folder]));
  const folderPath: string[] = [];
  for (let at = folderId; at !== null; at = folders.get(at)?.parentId ?? null) {
    folderPath.unshift(folders.get(at)?.name ?? '');
  }
  const attachmentIds = new Set(
    messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'text' ? [] : [part.attachmentId])),
    ),
  );
  return {
    format: documentFormat,
    version: 1,
    conversation: { ...conversation, folderPath, tags: tagIds.map((tagId) => tagNames.get(tagId) ?? '') },
    messages: messages.map(({ conversationId: _, siblingIds: __, ...message }) => message),
    shownId: store.listMessages(id, { limit: 1 }).messages[0]?.id ?? null,
    attachments: [...attachmentIds].map((attachmentId) => {
      const { hasThumbnail: _, ...attachment } = store.getAttachment(attachmentId);
      return attachment;
    }),
  };
}

/** The shown path, a stretch at a time. */
export function* shownMessages(store: Store, id: ConversationId): Generator<Message> {
  for (let start = 0; ; ) {
    const { messages, total } = store.listMessages(id, { start, limit: 1000 });
    yield* messages;
    start += messages.length;
    if (start >= total || messages.length === 0) return;
  }
}
