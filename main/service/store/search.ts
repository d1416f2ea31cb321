/** Full-text search: titles first, then messages, newest first, each with a snippet and the message to jump to. */
import type { z } from 'zod';
import {
  type SearchHit,
  type SearchPage,
  type SearchQuery,
  searchQuerySchema,
} from '../../../preload/contract/conversations.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import type { OpenDatabase } from './open-database.ts';
import { parseSearch } from './search-query.ts';
import { makeSnippet } from './snippet.ts';

export interface SearchStore {
  /** Words are joined by and; `"quoted words"` stand beside each other; the last word may be unfinished. */
  searchMessages(query: SearchQuery): SearchPage;
}

interface Row {
  key: number;
  conversation_id: ConversationId;
  message_id: MessageId | null;
  title: string;
  role: SearchHit['role'];
  created_at_ms: number;
  text: string;
}

/** Titles are few and stand on the first page only. */
const mostTitles = 10;

export function searchStore(db: OpenDatabase): SearchStore {
  // Ordered by rowid, so FTS5 walks its lists from the newest end and stops at the limit; bm25 would score every hit.
  const messages = db.prepare<[Record<string, unknown>], Row>(`
    SELECT part.key, c.id AS conversation_id, m.id AS message_id, c.title, m.role, m.created_at_ms, part.text
    FROM message_search
    CROSS JOIN part ON part.key = message_search.rowid
    CROSS JOIN message AS m ON m.key = part.message_key
    CROSS JOIN conversation AS c ON c.key = m.conversation_key
    WHERE message_search MATCH @match AND message_search.rowid < @before
      AND (@conversationId IS NULL OR c.id = @conversationId)
      AND c.removed = 0 AND (@archived IS NULL OR c.archived = @archived)
    ORDER BY message_search.rowid DESC LIMIT @limit`);
  const titles = db.prepare<[Record<string, unknown>], Row>(`
    SELECT c.key, c.id AS conversation_id, NULL AS message_id, c.title, NULL AS role, c.created_at_ms, c.title AS text
    FROM title_search CROSS JOIN conversation AS c ON c.key = title_search.rowid
    WHERE title_search MATCH @match AND c.removed = 0 AND (@archived IS NULL OR c.archived = @archived)
    ORDER BY title_search.rowid DESC LIMIT ${mostTitles}`);

  return {
    searchMessages(query) {
      const given = searchQuerySchema.parse(query);
      const search = parseSearch(given.text);
      if (search === null) return { hits: [], nextCursor: null };
      const archived = { without: 0, with: null, only: 1 }[given.archived];
      const wantsTitles = given.cursor === null && given.conversationId === undefined;
      const titleRows = wantsTitles ? titles.all({ match: search.match, archived }) : [];
      const rows = messages.all({
        match: search.match,
        archived,
        before: readCursor(given),
        conversationId: given.conversationId ?? null,
        limit: given.limit + 1,
      });
      const page = rows.slice(0, given.limit);
      const last = page.at(-1);
      return {
        hits: [...titleRows, ...page].map((row) => toHit(row, search.words)),
        nextCursor: last && rows.length > given.limit ? String(last.key) : null,
      };
    },
  };
}

function toHit(row: Row, words: readonly string[]): SearchHit {
  return {
    conversationId: row.conversation_id,
    messageId: row.message_id,
    title: row.title,
    role: row.role,
    createdAtMs: row.created_at_ms,
    snippet: makeSnippet(row.role === 'assistant' ? row.text.replaceAll(marks, '') : row.text, words),
  };
}

/** What boxes and thoughts of an answer are written with: nobody sees them as words. */
const marks = /<\/?(?:ref|think)>|<(box|quad)>[^<]{0,2000}<\/\1>/g;

function readCursor({ cursor }: z.output<typeof searchQuerySchema>): number {
  if (cursor === null) return Number.MAX_SAFE_INTEGER;
  if (!/^\d{1,15}$/.test(cursor))
    throw new AppError('invalid_request', 'This page of hits does not exist. Search again.');
  return Number(cursor);
}
