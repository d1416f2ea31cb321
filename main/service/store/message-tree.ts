/** The shape of a conversation: who follows whom, and which child of each message is shown. */
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import { nextChange, notFound } from './conversations.ts';
import type { OpenDatabase } from './open-database.ts';

/** A message's place in the tree; keys are the database's own, never told outside. */
export interface TreeNode {
  key: number;
  conversation_key: number;
  parent_key: number | null;
}

export interface MessageTree {
  /** @throws AppError `not_found` */
  conversationKey(id: ConversationId): number;
  /** @throws AppError `not_found` */
  node(id: MessageId): TreeNode;
  /** Keys of the shown path, first message first. */
  pathKeys(conversationKey: number): number[];
  /** Keys from the first message of its branch to this one. */
  ancestorKeys(key: number): number[];
  /** Makes the child the shown one of its parent. */
  showChild(node: TreeNode): void;
  /** Shows the path through a message; what is below it stays as it was. */
  showBranch(node: TreeNode): void;
  /** Notes that the conversation changed now. */
  touch(conversationKey: number): void;
}

export function messageTree(db: OpenDatabase): MessageTree {
  const conversationKey = db
    .prepare<[string], number>('SELECT key FROM conversation WHERE id = ? AND removed = 0')
    .pluck();
  const node = db.prepare<[string], TreeNode>(
    'SELECT key, conversation_key, parent_key FROM message WHERE id = ?',
  );
  const path = db
    .prepare<[number], number>(`
      WITH RECURSIVE path (key, depth) AS (
        SELECT active_root_key, 0 FROM conversation WHERE key = ? AND active_root_key IS NOT NULL
        UNION ALL
        SELECT message.active_child_key, depth + 1 FROM path JOIN message ON message.key = path.key
        WHERE message.active_child_key IS NOT NULL
      )
      SELECT key FROM path ORDER BY depth`)
    .pluck();
  const showRoot = db.prepare('UPDATE conversation SET active_root_key = ? WHERE key = ?');
  const showChild = db.prepare('UPDATE message SET active_child_key = ? WHERE key = ?');
  const showAncestors = db.prepare(`
    WITH RECURSIVE ancestor (key, parent_key) AS (
      SELECT key, parent_key FROM message WHERE key = ?
      UNION ALL
      SELECT message.key, message.parent_key FROM ancestor JOIN message ON message.key = ancestor.parent_key
    )
    UPDATE message SET active_child_key = ancestor.key FROM ancestor
    WHERE message.key = ancestor.parent_key AND message.active_child_key IS NOT ancestor.key`);
  const rootOf = db
    .prepare<[number], number>(`
      WITH RECURSIVE ancestor (key, parent_key) AS (
        SELECT key, parent_key FROM message WHERE key = ?
        UNION ALL
        SELECT message.key, message.parent_key FROM ancestor JOIN message ON message.key = ancestor.parent_key
      )
      SELECT key FROM ancestor WHERE parent_key IS NULL`)
    .pluck();
  const ancestors = db
    .prepare<[number], number>(`
      WITH RECURSIVE ancestor (key, parent_key, height) AS (
        SELECT key, parent_key, 0 FROM message WHERE key = ?
        UNION ALL
        SELECT message.key, message.parent_key, height + 1 FROM ancestor JOIN message ON message.key = ancestor.parent_key
      )
      SELECT key FROM ancestor ORDER BY height DESC`)
    .pluck();
  const touch = db.prepare(
    `UPDATE conversation SET updated_at_ms = ?, change_order = ${nextChange} WHERE key = ?`,
  );

  return {
    conversationKey: (id) =>
      conversationKey.get(id) ?? notFound('This conversation does not exist any more.'),
    node: (id) => node.get(id) ?? notFound('This message does not exist any more.'),
    pathKeys: (key) => path.all(key),
    ancestorKeys: (key) => ancestors.all(key),
    showChild({ key, parent_key, conversation_key }) {
      if (parent_key === null) showRoot.run(key, conversation_key);
      else showChild.run(key, parent_key);
    },
    showBranch({ key, conversation_key }) {
      showRoot.run(rootOf.get(key), conversation_key);
      showAncestors.run(key);
    },
    touch(key) {
      touch.run(Date.now(), key);
    },
  };
}
