/** Searches while a person types: the newest question wins, and more hits come as they scroll. */
import { useEffect, useRef, useState } from 'react';
import type { SearchHit, SearchQuery } from '../../../preload/contract/conversations.ts';
import { api } from '../../api.ts';

const typingPauseMs = 120;

export interface SearchState {
  /** `idle`: nothing is asked. */
  state: 'idle' | 'searching' | 'ready' | 'failed';
  hits: readonly SearchHit[];
  hasMore: boolean;
  error: unknown;
}

const idle: SearchState = {
  state: 'idle',
  hits: [],
  hasMore: false,
  error: null,
};

export function useSearch(query: Omit<SearchQuery, 'cursor' | 'limit'>): SearchState & { loadMore(): void } {
  const [found, setFound] = useState<SearchState>(idle);
  const cursor = useRef<string | null>(null);
  const search = useRef<AbortController | null>(null);
  const key = JSON.stringify(query);

  useEffect(() => {
    const asked = JSON.parse(key) as typeof query;
    search.current?.abort();
    const leaving = new AbortController();
    search.current = leaving;
    cursor.current = null;
    if (asked.text.trim() === '') {
      setFound(idle);
      return;
    }
    setFound((known) => ({ ...known, state: 'searching' }));
    const timer = setTimeout(async () => {
      try {
        const page = await api.searchMessages(asked, leaving.signal);
        if (leaving.signal.aborted) return;
        cursor.current = page.nextCursor;
        setFound({
          state: 'ready',
          hits: page.hits,
          hasMore: page.nextCursor !== null,
          error: null,
        });
      } catch (error) {
        if (!leaving.signal.aborted) setFound({ ...idle, state: 'failed', error });
      }
    }, typingPauseMs);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [key]);

  const loadMore = async () => {
    const from = cursor.current;
    const signal = search.current?.signal;
    if (from === null || !signal) return;
    cursor.current = null;
    try {
      const page = await api.searchMessages({ ...query, cursor: from }, signal);
      if (signal.aborted) return;
      cursor.current = page.nextCursor;
      setFound((known) => ({
        ...known,
        hits: [...known.hits, ...page.hits],
        hasMore: page.nextCursor !== null,
      }));
    } catch {
      // Scrolling on asks again.
      if (!signal.aborted) cursor.current = from;
    }
  };
  return { ...found, loadMore: () => void loadMore() };
}
