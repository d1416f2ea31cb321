/** Where in the app a person is; written into the address, so that a reload comes back to it. */
import { useCallback, useState } from 'react';
import {
  type ConversationId,
  conversationIdSchema,
  type FolderId,
  type MessageId,
} from '../preload/contract/ids.ts';

export interface Place {
  conversationId: ConversationId | null;
  /** A message to go to, such as a search hit. */
  messageId: MessageId | null;
  /** Of a conversation that the next question makes. */
  start: { folderId: FolderId | null };
  /** Another number is another empty conversation, even where the last one was empty too. */
  number: number;
}

const newStart: Place['start'] = { folderId: null };

export function usePlace() {
  const [place, setPlace] = useState<Place>(() => {
    const named = conversationIdSchema.safeParse(location.hash.slice(1));
    return { conversationId: named.success ? named.data : null, messageId: null, start: newStart, number: 0 };
  });
  const show = useCallback((conversationId: ConversationId, messageId: MessageId | null = null) => {
    write(conversationId);
    setPlace((before) => ({ ...before, conversationId, messageId, number: before.number + 1 }));
  }, []);
  const begin = useCallback((start: Place['start'] = newStart) => {
    write(null);
    setPlace(({ number }) => ({ conversationId: null, messageId: null, start, number: number + 1 }));
  }, []);
  /** The first question has made the conversation: what is on the screen stays. */
  const adopt = useCallback((conversationId: ConversationId) => {
    write(conversationId);
    setPlace((before) => ({ ...before, conversationId }));
  }, []);
  return { place, show, begin, adopt };
}

function write(id: ConversationId | null): void {
  history.replaceState(null, '', id ? `#${id}` : location.pathname);
}
