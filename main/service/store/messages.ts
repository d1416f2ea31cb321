/** Messages of a conversation's tree. Nothing is overwritten: an edit is a sibling, and the shown path moves to it. */
import type { Part } from '../../../preload/contract/attachments.ts';
import type { Generation, Message, MessagePage } from '../../../preload/contract/conversations.ts';
import { AppError, type AppErrorReport } from '../../../preload/contract/errors.ts';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import type { Choice, Task } from '../../../preload/contract/tasks.ts';
import { autoTitle } from './auto-title.ts';
import { generationRows } from './generations.ts';
import { messageTree } from './message-tree.ts';
import { newId } from './new-id.ts';
import type { OpenDatabase } from './open-database.ts';
import { partRows, textOf } from './parts.ts';

export interface NewMessage {
  conversationId: ConversationId;
  /** Null for a first message; a parent that has children already begins a branch. */
  parentId: MessageId | null;
  role: Message['role'];
  parts: readonly Part[];
  state?: Message['state'];
  task?: Task | undefined;
}

export interface MessageStore {
  /** Writes the message and shows it. When this returns, it is on the disk. @throws AppError `not_found` */
  addMessage(message: NewMessage): Message;
  /** A sibling with other parts; the old one and all below it stay. */
  editMessage(id: MessageId, parts: readonly Part[], task?: Task): Message;
  getMessage(id: MessageId): Message;
  hasMessage(id: MessageId): boolean;
  /** A stretch of the shown path: from `start`, around a message, or (neither given) its end. `limit` defaults to 100. */
  listMessages(
    conversationId: ConversationId,
    page?: { start?: number; around?: MessageId; limit?: number },
  ): MessagePage;
  /** Shows the path through this message, as a click on a search hit or a branch arrow does. */
  showBranch(id: MessageId): void;
  /** From the first message of its branch to this one, shown or not. */
  listPathTo(id: MessageId): Message[];
  /** Every message of the tree, parents before children; for export. */
  listAllMessages(conversationId: ConversationId): Message[];
  /** Says of each candidate which was chosen, and shows that one. */
  setChoice(choice: Choice, options?: { isShown: boolean }): void;
}

interface Row {
  key: number;
  id: MessageId;
  conversation_id: ConversationId;
  parent_id: MessageId | null;
  role: Message['role'];
  state: Message['state'];
  created_at_ms: number;
  sibling_ids: string;
  failure: string | null;
  task: string | null;
  choice: string | null;
}

const columns = `
  m.key, m.id, c.id AS conversation_id, parent.id AS parent_id, m.role, m.state, m.created_at_ms, m.failure, m.task, m.choice,
  (SELECT json_group_array(s.id ORDER BY s.key) FROM message AS s
    WHERE s.conversation_key = m.conversation_key AND s.parent_key IS m.parent_key) AS sibling_ids
  FROM message AS m
  JOIN conversation AS c ON c.key = m.conversation_key
  LEFT JOIN message AS parent ON parent.key = m.parent_key`;

export function messageStore(db: OpenDatabase): MessageStore {
  const tree = messageTree(db);
  const parts = partRows(db);
  const generations = generationRows(db);
  const insert = db.prepare(`
    INSERT INTO message (id, conversation_key, parent_key, role, state, created_at_ms, task) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const selectByKeys = db.prepare<[string], Row>(
    `SELECT ${columns} WHERE m.key IN (SELECT value FROM json_each(?)) ORDER BY m.key`,
  );
  const allKeys = db
    .prepare<[number], number>('SELECT key FROM message WHERE conversation_key = ? ORDER BY key')
    .pluck();
  const exists = db.prepare('SELECT 1 FROM message WHERE id = ?').pluck();
  const place = db.prepare<
    [number],
    { conversation_id: ConversationId; parent_id: MessageId | null; role: Message['role'] }
  >(`
    SELECT c.id AS conversation_id, parent.id AS parent_id, m.role FROM message AS m
    JOIN conversation AS c ON c.key = m.conversation_key LEFT JOIN message AS parent ON parent.key = m.parent_key
    WHERE m.key = ?`);
  const setChoiceOf = db.prepare('UPDATE message SET choice = ? WHERE key = ?');
  const setAutoTitle = db.prepare(
    "UPDATE conversation SET title = ? WHERE key = ? AND title_from = 'auto' AND title = ''",
  );

  const readMessages = (keys: number[]): Message[] => {
    const partsOf = parts.readParts(keys);
    const generationOf = generations.readLast(keys);
    const rows = new Map(selectByKeys.all(JSON.stringify(keys)).map((row) => [row.key, row]));
    return keys.flatMap((key) => {
      const row = rows.get(key);
      return row ? [fromRow(row, partsOf.get(key) ?? [], generationOf.get(key) ?? null)] : [];
    });
  };

  const addMessage = (message: NewMessage): Message => {
    const conversationKey = tree.conversationKey(message.conversationId);
    const parent = message.parentId === null ? null : tree.node(message.parentId);
    if (parent && parent.conversation_key !== conversationKey) {
      throw new AppError('invalid_request', 'A message can only follow one of its own conversation.');
    }
    const id = newId<MessageId>();
    const state = message.state ?? 'complete';
    const { lastInsertRowid } = insert.run(
      id,
      conversationKey,
      parent?.key ?? null,
      message.role,
      state,
      Date.now(),
      message.task ? JSON.stringify(message.task) : null,
    );
    const key = Number(lastInsertRowid);
    parts.insertParts(key, message.parts);
    tree.showChild({ key, conversation_key: conversationKey, parent_key: parent?.key ?? null });
    tree.touch(conversationKey);
    if (message.role === 'user') setAutoTitle.run(autoTitle(textOf(message.parts)), conversationKey);
    return readMessages([key])[0]!;
  };

  return {
    addMessage: (message) => db.transaction(addMessage).immediate(message),
    editMessage(id, newParts, task) {
      const at = place.get(tree.node(id).key)!;
      return db.transaction(addMessage).immediate({
        conversationId: at.conversation_id,
        parentId: at.parent_id,
        role: at.role,
        parts: newParts,
        task,
      });
    },
    getMessage: (id) => readMessages([tree.node(id).key])[0]!,
    hasMessage: (id) => exists.get(id) !== undefined,
    listMessages(conversationId, page = {}) {
      const keys = tree.pathKeys(tree.conversationKey(conversationId));
      const limit = Math.min(Math.max(page.limit ?? 100, 1), 10_000);
      const around = page.around === undefined ? -1 : keys.indexOf(tree.node(page.around).key);
      const wanted = page.start ?? (around >= 0 ? around - Math.floor(limit / 2) : keys.length - limit);
      const start = Math.max(0, Math.min(wanted, keys.length));
      return { messages: readMessages(keys.slice(start, start + limit)), start, total: keys.length };
    },
    showBranch: (id) => db.transaction(() => tree.showBranch(tree.node(id))).immediate(),
    listPathTo: (id) => readMessages(tree.ancestorKeys(tree.node(id).key)),
    setChoice: (choice, { isShown } = { isShown: true }) =>
      db
        .transaction(() => {
          const text = JSON.stringify(choice);
          for (const { messageId } of choice.candidates) setChoiceOf.run(text, tree.node(messageId).key);
          if (isShown) tree.showBranch(tree.node(choice.chosenId));
        })
        .immediate(),
    listAllMessages: (conversationId) => readMessages(allKeys.all(tree.conversationKey(conversationId))),
  };
}

function fromRow(row: Row, parts: Part[], generation: Generation | null): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    parentId: row.parent_id,
    role: row.role,
    state: row.state,
    parts,
    createdAtMs: row.created_at_ms,
    siblingIds: JSON.parse(row.sibling_ids) as MessageId[],
    generation,
    ...(row.failure !== null && { failure: JSON.parse(row.failure) as AppErrorReport }),
    ...(row.task !== null && { task: JSON.parse(row.task) as Task }),
    ...(row.choice !== null && { choice: JSON.parse(row.choice) as Choice }),
  };
}
