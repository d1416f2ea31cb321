/** Writes a whole conversation at once, tree and all: what imports and repairs come down to. */

import type { Part } from '../../../preload/contract/attachments.ts';
import type { Conversation, Generation, Message } from '../../../preload/contract/conversations.ts';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import type { Task } from '../../../preload/contract/tasks.ts';
import { nextChange } from './conversations.ts';
import { folderStore } from './folders.ts';
import { generationRows } from './generations.ts';
import { messageTree } from './message-tree.ts';
import { newId } from './new-id.ts';
import type { OpenDatabase } from './open-database.ts';
import { partRows } from './parts.ts';

/** A conversation from elsewhere. Messages name each other by any text; a parent stands before its children. */
export interface ImportedConversation
  extends Pick<
    Conversation,
    'title' | 'titleFrom' | 'pinned' | 'archived' | 'systemText' | 'sampling' | 'contextPolicy'
  > {
  /** Kept where it is free, so that importing twice changes nothing. */
  id: ConversationId | null;
  thinking?: boolean;
  createdAtMs: number;
  updatedAtMs: number;
  tags: string[];
  /** Names from the outermost folder inwards. */
  folderPath: string[];
  messages: ImportedMessage[];
  /** The message whose path is shown; null: the last one. */
  shownName: string | null;
}

export interface ImportedMessage {
  name: string;
  parentName: string | null;
  id: MessageId | null;
  role: Message['role'];
  state: Exclude<Message['state'], 'streaming'>;
  createdAtMs: number;
  parts: Part[];
  generation: Generation | null;
  task?: Task;
}

export interface TreeImport {
  /** In one transaction; null when the conversation is here already. Attachments must be stored before. */
  importConversation(conversation: ImportedConversation): ConversationId | null;
}

export function treeImport(db: OpenDatabase): TreeImport {
  const tree = messageTree(db);
  const parts = partRows(db);
  const generations = generationRows(db);
  const folders = folderStore(db);
  const conversationExists = db.prepare('SELECT 1 FROM conversation WHERE id = ?').pluck();
  const messageExists = db.prepare('SELECT 1 FROM message WHERE id = ?').pluck();
  const insertConversation = db.prepare(`
    INSERT INTO conversation (id, title, title_from, pinned, archived, folder_key, system_text, sampling,
      context_policy, thinking, created_at_ms, updated_at_ms, change_order)
    VALUES (@id, @title, @titleFrom, @pinned, @archived, (SELECT key FROM folder WHERE id = @folderId), @systemText,
      @sampling, @contextPolicy, @thinking, @createdAtMs, @updatedAtMs, ${nextChange})`);
  const insertMessage = db.prepare(`
    INSERT INTO message (id, conversation_key, parent_key, role, state, created_at_ms, task) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const addTag = db.prepare(`
    INSERT OR IGNORE INTO conversation_tag (conversation_key, tag_key) SELECT ?, key FROM tag WHERE id = ?`);
  const insertTree = (messages: readonly ImportedMessage[], conversationKey: number): Map<string, number> => {
    const keys = new Map<string, number>();
    for (const message of messages) {
      const parentKey = message.parentName === null ? null : (keys.get(message.parentName) ?? null);
      const id = message.id !== null && !messageExists.get(message.id) ? message.id : newId<MessageId>();
      const inserted = insertMessage.run(
        id,
        conversationKey,
        parentKey,
        message.role,
        message.state,
        message.createdAtMs,
        message.task ? JSON.stringify(message.task) : null,
      );
      const key = Number(inserted.lastInsertRowid);
      keys.set(message.name, key);
      parts.insertParts(key, message.parts);
      if (message.generation) generations.insertGeneration(key, message.generation);
      tree.showChild({ key, conversation_key: conversationKey, parent_key: parentKey });
    }
    return keys;
  };

  /** The folder at the end of a path of names, made where it is missing. */
  const folderAt = (path: readonly string[]) =>
    path.reduce<ReturnType<typeof folders.createFolder>['parentId']>((parentId, name) => {
      const known = folders
        .listFolders()
        .find((folder) => folder.parentId === parentId && folder.name === name);
      return (known ?? folders.createFolder(name, parentId)).id;
    }, null);

  const write = (given: ImportedConversation): ConversationId | null => {
    if (given.id !== null && conversationExists.get(given.id)) return null;
    const id = given.id ?? newId<ConversationId>();
    const { lastInsertRowid } = insertConversation.run({
      id,
      title: given.title,
      titleFrom: given.titleFrom,
      pinned: Number(given.pinned),
      archived: Number(given.archived),
      folderId: folderAt(given.folderPath),
      systemText: given.systemText,
      sampling: JSON.stringify(given.sampling),
      contextPolicy: given.contextPolicy,
      thinking: Number(given.thinking ?? false),
      createdAtMs: given.createdAtMs,
      updatedAtMs: given.updatedAtMs,
    });
    const conversationKey = Number(lastInsertRowid);
    for (const tag of given.tags) addTag.run(conversationKey, folders.createTag(tag).id);
    const keys = insertTree(given.messages, conversationKey);
    const shown = given.shownName === null ? undefined : keys.get(given.shownName);
    if (shown !== undefined)
      tree.showBranch({ key: shown, conversation_key: conversationKey, parent_key: null });
    return id;
  };
  return { importConversation: (conversation) => db.transaction(write).immediate(conversation) };
}
