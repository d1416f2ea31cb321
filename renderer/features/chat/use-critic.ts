/** Whether a critic is reading the candidates of a conversation just now: told by an event, which may come before they are shown. */
import { useSyncExternalStore } from 'react';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import { subscribeAppEvents } from '../../app-events.ts';

const reading = new Map<ConversationId, string>();
const listeners = new Set<() => void>();

/** Follows the events as long as the page stands; to be called once. */
export function followCritics(): () => void {
  return subscribeAppEvents((event) => {
    if (event.type !== 'critic-reading') return;
    if (event.critic === null) reading.delete(event.conversationId);
    else reading.set(event.conversationId, event.critic);
    for (const listener of listeners) listener();
  });
}

/** The critic's name, or null where none is at work. */
export function useCritic(conversationId: ConversationId): string | null {
  return useSyncExternalStore(subscribe, () => reading.get(conversationId) ?? null);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
