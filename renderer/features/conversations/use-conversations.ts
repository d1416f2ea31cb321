/** The list of conversations that a view shows: loaded as far as a person scrolled, and kept true by events. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Conversation, ConversationFilter } from '../../../preload/contract/conversations.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';
import {
  appendPage,
  type ListView,
  type LoadedList,
  placeConversation,
  withoutConversation,
} from './place-conversation.ts';

const pageSize = 50;
const largestPage = 200;

export interface ConversationList extends LoadedList {
  state: 'loading' | 'ready' | 'failed';
  loadMore(): void;
  reload(): void;
  /** Shows a change at once, before the event that tells of it. */
  place(conversation: Conversation): void;
}

export function useConversations(view: ListView): ConversationList {
  const [list, setList] = useState<LoadedList>({
    conversations: [],
    nextCursor: null,
  });
  const [state, setState] = useState<ConversationList['state']>('loading');
  const loading = useRef<AbortController | null>(null);
  const shown = useRef(list);
  shown.current = list;
  const viewKey = JSON.stringify(view);

  const load = useCallback(
    async (upTo: number) => {
      loading.current?.abort();
      const leaving = new AbortController();
      loading.current = leaving;
      const filter = filterOf(JSON.parse(viewKey) as ListView);
      try {
        let loaded: LoadedList = await loadPage(filter, null, Math.min(largestPage, upTo), leaving.signal);
        while (loaded.nextCursor !== null && loaded.conversations.length < upTo) {
          loaded = appendPage(loaded, await loadPage(filter, loaded.nextCursor, largestPage, leaving.signal));
        }
        if (leaving.signal.aborted) return;
        setList(loaded);
        setState('ready');
      } catch {
        if (!leaving.signal.aborted) setState('failed');
      } finally {
        if (loading.current === leaving) loading.current = null;
      }
    },
    [viewKey],
  );

  useEffect(() => {
    setState('loading');
    setList({ conversations: [], nextCursor: null });
    void load(pageSize);
    return () => loading.current?.abort();
  }, [load]);

  const reload = useCallback(() => void load(Math.max(pageSize, shown.current.conversations.length)), [load]);
  const place = useCallback(
    (conversation: Conversation) =>
      setList((known) => placeConversation(known, JSON.parse(viewKey) as ListView, conversation)),
    [viewKey],
  );
  const loadMore = useCallback(() => {
    const { nextCursor } = shown.current;
    if (nextCursor === null || loading.current !== null) return;
    const leaving = new AbortController();
    loading.current = leaving;
    loadPage(filterOf(JSON.parse(viewKey) as ListView), nextCursor, pageSize, leaving.signal)
      .then((page) => !leaving.signal.aborted && setList((known) => appendPage(known, page)))
      // Scrolling on asks again.
      .catch(() => {})
      .finally(() => {
        if (loading.current === leaving) loading.current = null;
      });
  }, [viewKey]);

  useAppEvent((event) => {
    if (event.type !== 'conversations-changed') return;
    if (event.conversationId === null) return reload();
    void refresh(event.conversationId, place, (id) => setList((known) => withoutConversation(known, id)));
  });

  return { ...list, state, loadMore, reload, place };
}

async function refresh(
  id: ConversationId,
  place: (conversation: Conversation) => void,
  remove: (id: ConversationId) => void,
): Promise<void> {
  try {
    place(await api.getConversation({ id }));
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') remove(id);
  }
}

function filterOf(view: ListView): ConversationFilter {
  switch (view.type) {
    case 'all':
      return {};
    case 'archive':
      return { archived: true };
    case 'folder':
      return { folderId: view.id };
    case 'tag':
      return { tagId: view.id };
  }
}

function loadPage(filter: ConversationFilter, cursor: string | null, limit: number, signal: AbortSignal) {
  return api.listConversations({ ...filter, cursor, limit }, signal);
}
