/** What happens in the app without being asked for: one `watchApp` stream a page, however many listen. */
import { useEffect, useRef } from 'react';
import type { AppEvent } from '../preload/contract/system.ts';
import { api } from './api.ts';
import { shareEvents } from './share-events.ts';

const shared = shareEvents<AppEvent>((signal) => api.watchApp({}, signal), {
  afterBreak: [{ type: 'conversations-changed', conversationId: null }, { type: 'models-changed' }],
  retryMs: 1000,
});

/** Returns how to stop listening. */
export const subscribeAppEvents = shared.subscribe;

/** Calls the newest `listener` while the component stands. */
export function useAppEvent(listener: (event: AppEvent) => void): void {
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  useEffect(() => subscribeAppEvents((event) => newest.current(event)), []);
}
