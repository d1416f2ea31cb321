/** What was asked before a message: files and tasks of the questions above it, without words and answers. */
import type { EarlierQuestion } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import type { Task } from '../../../preload/contract/tasks.ts';
import { messageTree } from './message-tree.ts';
import type { OpenDatabase } from './open-database.ts';
import { partRows } from './parts.ts';

export interface EarlierQuestionStore {
  /** From the first message of the branch up to this one, without it, oldest first. @throws AppError `not_found` */
  listEarlierQuestions(before: MessageId): EarlierQuestion[];
}

export function earlierQuestionStore(db: OpenDatabase): EarlierQuestionStore {
  const tree = messageTree(db);
  const parts = partRows(db);
  const select = db.prepare<[string], { key: number; id: MessageId; task: string | null }>(`
    SELECT key, id, task FROM message WHERE role = 'user' AND key IN (SELECT value FROM json_each(?)) ORDER BY key`);
  return {
    listEarlierQuestions(before) {
      const keys = tree.ancestorKeys(tree.node(before).key).slice(0, -1);
      const rows = select.all(JSON.stringify(keys));
      const filesOf = parts.readFiles(rows.map(({ key }) => key));
      return rows.map(({ key, id, task }) => ({
        id,
        parts: filesOf.get(key) ?? [],
        ...(task !== null && { task: JSON.parse(task) as Task }),
      }));
    },
  };
}
