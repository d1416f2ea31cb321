/** Writes what was read from an archive into the store, and keeps count for the person. */
import type { ImportReport } from '../../../../preload/contract/conversations.ts';
import type { Store } from '../open-store.ts';
import type { ImportedConversation } from '../tree-import.ts';

export function emptyReport(source: ImportReport['source']): ImportReport {
  return { source, importedIds: [], messages: 0, attachments: 0, alreadyThere: 0, leftOut: [] };
}

export function writeOne(store: Store, conversation: ImportedConversation, report: ImportReport): void {
  const id = store.importConversation(conversation);
  if (id === null) report.alreadyThere++;
  else {
    report.importedIds.push(id);
    report.messages += conversation.messages.length;
  }
}

/** A document without its zip has names of files only; what is stored here already is used, the rest is told. */
export function dropMissingFiles(
  store: Store,
  conversation: ImportedConversation,
  report: ImportReport,
): ImportedConversation {
  const messages = conversation.messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => {
      if (part.type === 'text' || store.hasAttachment(part.attachmentId)) return part;
      report.leftOut.push(`The file "${part.name.slice(0, 80)}" is not in the archive.`);
      return { type: 'text' as const, text: `[${part.name}]` };
    }),
  }));
  return { ...conversation, messages };
}
