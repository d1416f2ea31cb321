/** Files that messages and drafts point into. What nothing points to any more goes, from the table and from the vault. */
import type { Attachment } from '../../../preload/contract/attachments.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { AttachmentId, ConversationId } from '../../../preload/contract/ids.ts';
import type { ByteRange, StoredFile, Vault } from '../vault.ts';
import { notFound } from './conversations.ts';
import type { OpenDatabase } from './open-database.ts';

export type AttachmentFacts = Omit<Attachment, 'id' | 'sizeBytes' | 'hasThumbnail'>;

export interface AttachmentStore {
  /**
   * Takes a file in. Unused, it is removed a day later at the earliest.
   * @param maxBytes default 4 GiB
   * @throws AppError `media_too_large`, `disk_full`
   */
  putAttachment(
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    facts: AttachmentFacts,
    maxBytes?: number,
  ): Promise<Attachment>;
  /** Stores the small picture shown for an attachment; replaces an earlier one. */
  putThumbnail(id: AttachmentId, bytes: Uint8Array): Promise<void>;
  /** @throws AppError `not_found` */
  getAttachment(id: AttachmentId): Attachment;
  hasAttachment(id: AttachmentId): boolean;
  readAttachment(id: AttachmentId): Promise<Uint8Array>;
  streamAttachment(id: AttachmentId, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  /** Where another process may read it; null where its bytes have to be sent. @throws AppError `not_found` */
  pathOfAttachment(id: AttachmentId): string | null;
  readThumbnail(id: AttachmentId): Promise<Uint8Array | null>;
  /** How many parts and drafts point to it. */
  countUses(id: AttachmentId): number;
  /** Newest first. */
  listAttachments(limit: number): Attachment[];
  /** Files of conversations, newest first, each once, with the name and place of its last use: to be used again. */
  listUsedAttachments(page: { cursor: string | null; limit: number }): UsedAttachmentPage;
}

export interface UsedAttachmentPage {
  attachments: { attachment: Attachment; name: string; conversationId: ConversationId }[];
  nextCursor: string | null;
}

interface Row {
  id: AttachmentId;
  kind: Attachment['kind'];
  media_type: string;
  size_bytes: number;
  width_px: number | null;
  height_px: number | null;
  page_count: number | null;
  duration_ms: number | null;
  thumbnail_id: AttachmentId | null;
}

interface UsedRow extends Row {
  place: number;
  name: string;
  conversation_id: ConversationId;
}

const mostBytes = 4 * 1024 ** 3;

export function attachmentStore(db: OpenDatabase, vault: Vault): AttachmentStore {
  const select = db.prepare<[string], Row>('SELECT * FROM attachment WHERE id = ?');
  const insert = db.prepare(`
    INSERT INTO attachment (id, kind, media_type, size_bytes, width_px, height_px, page_count, duration_ms, created_at_ms)
    VALUES (@id, @kind, @mediaType, @sizeBytes, @widthPx, @heightPx, @pageCount, @durationMs, @nowMs)
    ON CONFLICT (id) DO NOTHING`);
  const keep = db.prepare('DELETE FROM pending_file_removal WHERE file_id = ?');
  const setThumbnail = db.prepare('UPDATE attachment SET thumbnail_id = ? WHERE id = ?');
  const uses = db
    .prepare<[{ id: string }], number>(`
      SELECT (SELECT count(*) FROM part WHERE attachment_id = @id)
        + (SELECT count(*) FROM draft_attachment WHERE attachment_id = @id)`)
    .pluck();
  const newest = db.prepare<[number], Row>('SELECT * FROM attachment ORDER BY rowid DESC LIMIT ?');
  const used = db.prepare<[{ before: number; limit: number }], UsedRow>(`
    SELECT a.rowid AS place, a.*, json_extract(p.place, '$.name') AS name, c.id AS conversation_id
    FROM attachment AS a
    JOIN part AS p ON p.key = (
      SELECT max(last.key) FROM part AS last JOIN message ON message.key = last.message_key
      JOIN conversation ON conversation.key = message.conversation_key
      WHERE last.attachment_id = a.id AND conversation.removed = 0)
    JOIN message AS m ON m.key = p.message_key JOIN conversation AS c ON c.key = m.conversation_key
    WHERE a.rowid < @before ORDER BY a.rowid DESC LIMIT @limit`);
  const getRow = (id: AttachmentId): Row =>
    select.get(id) ?? notFound('This file is not stored any more. Add it again.');

  const register = db.transaction((file: StoredFile, facts: AttachmentFacts) => {
    keep.run(file.id);
    insert.run({ ...facts, ...file, nowMs: Date.now() });
  });

  return {
    async putAttachment(bytes, facts, maxBytes = mostBytes) {
      const { id } = await vault.write(bytes, maxBytes, (file) => register.immediate(file, facts));
      return fromRow(getRow(id));
    },
    async putThumbnail(id, bytes) {
      getRow(id);
      await vault.write([bytes], bytes.length, (file) => {
        keep.run(file.id);
        setThumbnail.run(file.id, id);
      });
    },
    getAttachment: (id) => fromRow(getRow(id)),
    hasAttachment: (id) => select.get(id) !== undefined,
    readAttachment: async (id) => vault.read(getRow(id).id),
    streamAttachment: async (id, range) => vault.stream(getRow(id).id, range),
    pathOfAttachment: (id) => vault.path(getRow(id).id),
    async readThumbnail(id) {
      const { thumbnail_id } = getRow(id);
      return thumbnail_id === null ? null : vault.read(thumbnail_id);
    },
    countUses: (id) => uses.get({ id }) ?? 0,
    listAttachments: (limit) => newest.all(limit).map(fromRow),
    listUsedAttachments({ cursor, limit }) {
      const rows = used.all({ before: readCursor(cursor), limit: limit + 1 });
      const page = rows.slice(0, limit);
      return {
        attachments: page.map((row) => ({
          attachment: fromRow(row),
          name: row.name,
          conversationId: row.conversation_id,
        })),
        nextCursor: rows.length > limit ? String(page.at(-1)?.place) : null,
      };
    },
  };
}

function fromRow(row: Row): Attachment {
  return {
    id: row.id,
    kind: row.kind,
    mediaType: row.media_type,
    sizeBytes: row.size_bytes,
    widthPx: row.width_px,
    heightPx: row.height_px,
    pageCount: row.page_count,
    durationMs: row.duration_ms,
    hasThumbnail: row.thumbnail_id !== null,
  };
}

function readCursor(cursor: string | null): number {
  if (cursor === null) return Number.MAX_SAFE_INTEGER;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new AppError('invalid_request', 'This page of files does not exist. Load the list again.');
}
