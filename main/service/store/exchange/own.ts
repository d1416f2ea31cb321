/** Our own exports back into the store: the tree of a document, and a zip with its files. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ImportReport } from '../../../../preload/contract/conversations.ts';
import { AppError } from '../../../../preload/contract/errors.ts';
import type { AttachmentId } from '../../../../preload/contract/ids.ts';
import type { Store } from '../open-store.ts';
import type { ImportedConversation } from '../tree-import.ts';
import { type ConversationDocument, documentSchema } from './document.ts';
import { readJsonItems } from './json-items.ts';
import { readZip } from './unzip.ts';
import { dropMissingFiles, emptyReport, writeOne } from './write-import.ts';
import { documentsEntry } from './zip.ts';

export function fromDocument(document: ConversationDocument): ImportedConversation {
  const { folderPath, tags, ...conversation } = document.conversation;
  return {
    ...conversation,
    folderPath,
    tags,
    shownName: document.shownId,
    messages: document.messages.map((message) => ({
      ...message,
      name: message.id,
      parentName: message.parentId,
      state: message.state === 'streaming' ? 'interrupted' : message.state,
    })),
  };
}

/**
 * Reads the zip three times instead of holding it: what its files are, the files, the conversations. A file whose bytes
 * don't have the sha256 it is named by is left out.
 */
export async function importOwnZip(store: Store, path: string, signal?: AbortSignal): Promise<ImportReport> {
  const report = emptyReport('internvl-desktop');
  const facts = new Map<AttachmentId, ConversationDocument['attachments'][number]>();
  for await (const document of readDocuments(path)) {
    for (const attachment of document.attachments) facts.set(attachment.id, attachment);
  }
  for await (const { name, chunks } of readZip(path, (name) => facts.has(attachmentOf(name)))) {
    signal?.throwIfAborted();
    const { id: _, sizeBytes, ...known } = facts.get(attachmentOf(name))!;
    const isNew = !store.hasAttachment(attachmentOf(name));
    const stored = await store.putAttachment(chunks, known, sizeBytes);
    if (stored.id === attachmentOf(name) && isNew) report.attachments++;
  }
  for await (const document of readDocuments(path)) {
    signal?.throwIfAborted();
    writeOne(store, dropMissingFiles(store, fromDocument(document), report), report);
    await nextTurn();
  }
  report.leftOut.splice(100);
  return report;
}

function attachmentOf(name: string): AttachmentId {
  return (name.startsWith('attachments/') ? name.slice('attachments/'.length) : '') as AttachmentId;
}

async function* readDocuments(path: string): AsyncGenerator<ConversationDocument, void, void> {
  for await (const entry of readZip(path, (name) => name === documentsEntry)) {
    for await (const json of readJsonItems(entry.chunks)) yield parseDocument(json);
  }
}

/** @throws AppError `media_unsupported` */
export function parseDocument(json: unknown): ConversationDocument {
  const parsed = documentSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AppError(
    'media_unsupported',
    'This export was made by another version and can’t be read by this one.',
  );
}
