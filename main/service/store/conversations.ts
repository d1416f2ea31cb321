/** The table of conversations: create, list, change, remove. */
import type { z } from 'zod';
import {
  type Conversation,
  type ConversationFilter,
  type ConversationPage,
  type ConversationPatch,
  conversationFilterSchema,
} from '../../../preload/contract/conversations.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ConversationId, FolderId, TagId } from '../../../preload/contract/ids.ts';
import { newId } from './new-id.ts';
import type { OpenDatabase } from './open-database.ts';

export type NewConversation = Pick<
  ConversationPatch,
  'title' | 'folderId' | 'systemText' | 'sampling' | 'contextPolicy' | 'thinking'
>;

export interface ConversationStore {
  createConversation(start?: NewConversation): Conversation;
  /** @throws AppError `not_found` */
  getConversation(id: ConversationId): Conversation;
  hasConversation(id: ConversationId): boolean;
  /** Pinned first, then by newest change. */
  listConversations(filter?: ConversationFilter): ConversationPage;
  /** @throws AppError `not_found` for the conversation, a folder or a tag */
  updateConversation(id: ConversationId, patch: ConversationPatch): Conversation;
}

interface Row {
  key: number;
  id: ConversationId;
  title: string;
  title_from: 'auto' | 'person';
  pinned: number;
  archived: number;
  folder_id: FolderId | null;
  tag_ids: string;
  system_text: string | null;
  sampling: string;
  context_policy: 'stop' | 'dropOldest';
  thinking: number;
  created_at_ms: number;
  updated_at_ms: number;
  change_order: number;
}

const columns = `
  c.key, c.id, c.title, c.title_from, c.pinned, c.archived, c.system_text, c.sampling, c.context_policy, c.thinking,
  c.created_at_ms, c.updated_at_ms, c.change_order,
  (SELECT folder.id FROM folder WHERE folder.key = c.folder_key) AS folder_id,
  (SELECT json_group_array(tag.id) FROM conversation_tag AS link JOIN tag ON tag.key = link.tag_key
    WHERE link.conversation_key = c.key) AS tag_ids`;

/** Every change takes the next number, so that the list's order never depends on the clock. */
export const nextChange = '(SELECT ifnull(max(change_order), 0) + 1 FROM conversation)';

export function conversationStore(db: OpenDatabase, options: { temporary: boolean }): ConversationStore {
  const select = db.prepare<[string], Row>(
    `SELECT ${columns} FROM conversation AS c WHERE c.id = ? AND c.removed = 0`,
  );
  const insert = db.prepare(`
    INSERT INTO conversation (id, title, title_from, pinned, archived, folder_key, system_text, sampling,
      context_policy, thinking, created_at_ms, updated_at_ms, change_order)
    VALUES (@id, @title, @titleFrom, 0, 0, @folderKey, @systemText, @sampling, @contextPolicy, @thinking, @nowMs, @nowMs, ${nextChange})`);
  const update = db.prepare(`
    UPDATE conversation SET title = @title, title_from = @titleFrom, pinned = @pinned, archived = @archived,
      folder_key = @folderKey, system_text = @systemText, sampling = @sampling, context_policy = @contextPolicy,
      thinking = @thinking,
      updated_at_ms = @nowMs, change_order = ${nextChange}
    WHERE id = @id`);
  const folderKey = db.prepare<[string], number>('SELECT key FROM folder WHERE id = ?').pluck();
  const tagKey = db.prepare<[string], number>('SELECT key FROM tag WHERE id = ?').pluck();
  const clearTags = db.prepare('DELETE FROM conversation_tag WHERE conversation_key = ?');
  const addTag = db.prepare(
    'INSERT OR IGNORE INTO conversation_tag (conversation_key, tag_key) VALUES (?, ?)',
  );
  const list = prepareList(db);

  const fromRow = (row: Row): Conversation => ({
    id: row.id,
    title: row.title,
    titleFrom: row.title_from,
    pinned: row.pinned === 1,
    archived: row.archived === 1,
    folderId: row.folder_id,
    tagIds: JSON.parse(row.tag_ids) as TagId[],
    systemText: row.system_text,
    sampling: JSON.parse(row.sampling) as Conversation['sampling'],
    contextPolicy: row.context_policy,
    thinking: row.thinking === 1,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    temporary: options.temporary,
  });
  const getRow = (id: ConversationId): Row =>
    select.get(id) ?? notFound('This conversation does not exist any more.');
  const keyOfFolder = (id: FolderId | null | undefined): number | null =>
    id ? (folderKey.get(id) ?? notFound('This folder does not exist any more.')) : null;

  const updateConversation = (id: ConversationId, patch: ConversationPatch): Conversation => {
    const row = getRow(id);
    const next = { ...fromRow(row), ...patch };
    update.run({
      id,
      title: next.title,
      titleFrom: patch.title === undefined ? next.titleFrom : 'person',
      pinned: Number(next.pinned),
      archived: Number(next.archived),
      folderKey: keyOfFolder(next.folderId),
      systemText: next.systemText,
      sampling: JSON.stringify(next.sampling),
      contextPolicy: next.contextPolicy,
      thinking: Number(next.thinking),
      nowMs: Date.now(),
    });
    if (patch.tagIds) {
      clearTags.run(row.key);
      for (const tagId of patch.tagIds) {
        addTag.run(row.key, tagKey.get(tagId) ?? notFound('This tag does not exist any more.'));
      }
    }
    return fromRow(getRow(id));
  };

  return {
    createConversation(start = {}) {
      const id = newId<ConversationId>();
      insert.run({
        id,
        title: start.title ?? '',
        titleFrom: start.title === undefined ? 'auto' : 'person',
        folderKey: keyOfFolder(start.folderId),
        systemText: start.systemText ?? null,
        sampling: JSON.stringify(start.sampling ?? {}),
        contextPolicy: start.contextPolicy ?? 'stop',
        thinking: Number(start.thinking ?? false),
        nowMs: Date.now(),
      });
      return fromRow(getRow(id));
    },
    getConversation: (id) => fromRow(getRow(id)),
    hasConversation: (id) => select.get(id) !== undefined,
    listConversations(filter = {}) {
      const given = conversationFilterSchema.parse(filter);
      const rows = list(
        given,
        keyOfFolder(given.folderId),
        given.tagId ? (tagKey.get(given.tagId) ?? -1) : null,
      );
      const page = rows.slice(0, given.limit);
      const last = page.at(-1);
      return {
        conversations: page.map(fromRow),
        nextCursor: last && rows.length > given.limit ? `${last.pinned}.${last.change_order}` : null,
      };
    },
    updateConversation: (id, patch) => db.transaction(updateConversation).immediate(id, patch),
  };
}

type Filter = z.output<typeof conversationFilterSchema>;

/** One statement for each way to narrow the list, so that each can use its index. */
function prepareList(db: OpenDatabase) {
  const prepare = (narrow: string) =>
    db.prepare<[Record<string, unknown>], Row>(`
      SELECT ${columns} FROM conversation AS c
      WHERE c.archived = @archived AND c.removed = 0 AND (c.pinned, c.change_order) < (@pinned, @change) ${narrow}
      ORDER BY c.pinned DESC, c.change_order DESC LIMIT @limit`);
  const all = prepare('');
  const inFolder = prepare('AND c.folder_key IS @folderKey');
  const tagged = prepare(
    'AND EXISTS (SELECT 1 FROM conversation_tag WHERE conversation_key = c.key AND tag_key = @tagKey)',
  );
  const taggedInFolder = prepare(`AND c.folder_key IS @folderKey
    AND EXISTS (SELECT 1 FROM conversation_tag WHERE conversation_key = c.key AND tag_key = @tagKey)`);

  return (filter: Filter, folderKey: number | null, tagKey: number | null): Row[] => {
    const [pinned, change] = readCursor(filter.cursor);
    const byFolder = filter.folderId !== undefined;
    const statement = byFolder ? (tagKey ? taggedInFolder : inFolder) : tagKey ? tagged : all;
    const given = { archived: Number(filter.archived), pinned, change, limit: filter.limit + 1 };
    return statement.all({ ...given, ...(byFolder && { folderKey }), ...(tagKey && { tagKey }) });
  };
}

function readCursor(cursor: string | null): [pinned: number, change: number] {
  if (cursor === null) return [2, 0];
  const match = /^([01])\.(\d{1,15})$/.exec(cursor);
  if (!match)
    throw new AppError('invalid_request', 'This page of the list does not exist. Load the list again.');
  return [Number(match[1]), Number(match[2])];
}

export function notFound(sentence: string): never {
  throw new AppError('not_found', sentence);
}
