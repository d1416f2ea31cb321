/** Parts of a message as rows: text in its own column for the search, everything else as a place in an attachment. */
import type { Part } from '../../../preload/contract/attachments.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { AttachmentId } from '../../../preload/contract/ids.ts';
import type { OpenDatabase } from './open-database.ts';

interface PartRow {
  message_key: number;
  type: Part['type'];
  text: string | null;
  attachment_id: AttachmentId | null;
  place: string | null;
}

export interface PartRows {
  /** @throws AppError `not_found` when a part names an attachment that is not stored */
  insertParts(messageKey: number, parts: readonly Part[]): void;
  /** Parts of each message key, in order. */
  readParts(messageKeys: readonly number[]): Map<number, Part[]>;
  /** As above, without text. */
  readFiles(messageKeys: readonly number[]): Map<number, Part[]>;
  /** Adds text to the message's last part where that is text, else as a new part. */
  appendText(messageKey: number, text: string): void;
}

export function partRows(db: OpenDatabase): PartRows {
  const insert = db.prepare(`
    INSERT INTO part (message_key, position, type, text, attachment_id, place) VALUES (?, ?, ?, ?, ?, ?)`);
  const attachmentExists = db.prepare('SELECT 1 FROM attachment WHERE id = ?').pluck();
  const select = (condition = '') =>
    db.prepare<[string], PartRow>(`
      SELECT message_key, type, text, attachment_id, place FROM part
      WHERE message_key IN (SELECT value FROM json_each(?)) ${condition} ORDER BY message_key, position`);
  const all = select();
  const files = select("AND type <> 'text'");
  const last = db.prepare<[number], { key: number; position: number; type: string }>(
    'SELECT key, position, type FROM part WHERE message_key = ? ORDER BY position DESC LIMIT 1',
  );
  const extend = db.prepare('UPDATE part SET text = text || ? WHERE key = ?');

  const insertPart = (messageKey: number, position: number, part: Part): void => {
    if (part.type === 'text') {
      insert.run(messageKey, position, 'text', part.text, null, null);
      return;
    }
    if (!attachmentExists.get(part.attachmentId)) throw missingAttachment(part.name);
    const { type, attachmentId, ...place } = part;
    insert.run(messageKey, position, type, null, attachmentId, JSON.stringify(place));
  };

  const read = (rows: typeof all, messageKeys: readonly number[]) => {
    const found = new Map<number, Part[]>(messageKeys.map((key) => [key, []]));
    for (const row of rows.all(JSON.stringify(messageKeys))) found.get(row.message_key)?.push(fromRow(row));
    return found;
  };

  return {
    insertParts(messageKey, parts) {
      for (const [position, part] of parts.entries()) insertPart(messageKey, position, part);
    },
    readParts: (messageKeys) => read(all, messageKeys),
    readFiles: (messageKeys) => read(files, messageKeys),
    appendText(messageKey, text) {
      if (text === '') return;
      const end = last.get(messageKey);
      if (end?.type === 'text') extend.run(text, end.key);
      else insertPart(messageKey, (end?.position ?? -1) + 1, { type: 'text', text });
    },
  };
}

function fromRow(row: PartRow): Part {
  if (row.type === 'text') return { type: 'text', text: row.text ?? '' };
  return { type: row.type, attachmentId: row.attachment_id, ...JSON.parse(row.place ?? '{}') } as Part;
}

export function missingAttachment(name: string): AppError {
  return new AppError('not_found', `The file "${name.slice(0, 80)}" is not stored any more. Add it again.`);
}

/** The attachments that parts point into, each once. */
export function attachmentsOf(parts: readonly Part[]): AttachmentId[] {
  return [...new Set(parts.flatMap((part) => (part.type === 'text' ? [] : [part.attachmentId])))];
}

/** All text of a message's parts, blank lines between. */
export function textOf(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
}
