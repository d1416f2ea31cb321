/** The shown conversation's own properties, kept true by the app's events. */
import { useCallback, useEffect, useState } from 'react';
import type { Conversation, ConversationPatch } from '../../../preload/contract/conversations.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';
import { showFailure } from '../../ui/show-failure.ts';

export function useConversation(id: ConversationId | null) {
  const [conversation, setConversation] = useState<Conversation | null>(null);
  const read = useCallback(() => {
    if (id) api.getConversation({ id }).then(setConversation, () => setConversation(null));
    else setConversation(null);
  }, [id]);
  useEffect(read, [read]);
  useAppEvent((event) => {
    const isMeant = event.type === 'conversations-changed' && (event.conversationId ?? id) === id;
    if (isMeant) read();
  });
  return {
    conversation: conversation?.id === id ? conversation : null,
    update(patch: ConversationPatch) {
      if (id) api.updateConversation({ id, patch }).then(setConversation, showFailure);
    },
  };
}
