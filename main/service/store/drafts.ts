/** Questions that are being written. The one without a conversation yet has its own place. */
import { type Draft, draftSchema } from '../../../preload/contract/conversations.ts';
import type { AttachmentId, ConversationId } from '../../../preload/contract/ids.ts';
import type { Task } from '../../../preload/contract/tasks.ts';
import { messageTree } from './message-tree.ts';
import type { OpenDatabase } from './open-database.ts';
import { attachmentsOf, missingAttachment } from './parts.ts';
import type { UnusedFiles } from './unused-files.ts';

export interface DraftStore {
  /** @param conversationId null for the question that has no conversation yet */
  getDraft(conversationId: ConversationId | null): Draft | null;
  /** Replaces the draft; neither parts nor a task removes it. @throws AppError `not_found` for a conversation or an attachment */
  saveDraft(conversationId: ConversationId | null, parts: Draft['parts'], task?: Task): void;
}

interface DraftRow {
  key: number;
  parts: string;
  task: string | null;
  updated_at_ms: number;
}

export function draftStore(db: OpenDatabase, files: UnusedFiles): DraftStore {
  const tree = messageTree(db);
  const select = db.prepare<[number | null], DraftRow>(
    'SELECT key, parts, task, updated_at_ms FROM draft WHERE ifnull(conversation_key, 0) = ifnull(?, 0)',
  );
  const remove = db.prepare('DELETE FROM draft WHERE key = ?');
  const insert = db.prepare(
    'INSERT INTO draft (conversation_key, parts, task, updated_at_ms) VALUES (?, ?, ?, ?)',
  );
  const use = db.prepare(`
    INSERT INTO draft_attachment (draft_key, attachment_id) SELECT ?, id FROM attachment WHERE id = ?`);
  const keyOf = (id: ConversationId | null) => (id === null ? null : tree.conversationKey(id));
  const read = (conversationKey: number | null): Draft | null => {
    const row = select.get(conversationKey);
    if (!row) return null;
    return draftSchema.parse({
      parts: JSON.parse(row.parts),
      ...(row.task !== null && { task: JSON.parse(row.task) }),
      updatedAtMs: row.updated_at_ms,
    });
  };

  const replace = (
    conversationId: ConversationId | null,
    { parts, task }: Pick<Draft, 'parts' | 'task'>,
  ): AttachmentId[] => {
    const conversationKey = keyOf(conversationId);
    const before = select.get(conversationKey);
    const dropped = attachmentsOf(read(conversationKey)?.parts ?? []);
    if (before) remove.run(before.key);
    if (parts.length === 0 && !task) return dropped;
    const { lastInsertRowid } = insert.run(
      conversationKey,
      JSON.stringify(parts),
      task ? JSON.stringify(task) : null,
      Date.now(),
    );
    for (const part of parts) {
      if (part.type === 'text') continue;
      const known = use.run(lastInsertRowid, part.attachmentId).changes > 0;
      if (!known) throw missingAttachment(part.name);
    }
    return dropped;
  };
  return {
    getDraft: (conversationId) => read(keyOf(conversationId)),
    saveDraft(conversationId, parts, task) {
      const draft = { parts, ...(task && { task }) };
      const save = db.transaction(() => files.dropUnused(replace(conversationId, draft)));
      save.immediate();
      files.removeNoted();
    },
  };
}
