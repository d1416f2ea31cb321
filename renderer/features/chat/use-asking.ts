/** Sends what the composer holds, as a new question or in place of an earlier one, and nothing of it is lost on a fault. */
import { useState } from 'react';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { GenerationRequest } from '../../../preload/contract/generation.ts';
import type { ConversationId, FolderId, MessageId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import type { AnswerOptions } from './conversation-options.tsx';
import { partsOf } from './tray.ts';
import type { Composer } from './use-composer.ts';
import type { ShownMessages } from './use-messages.ts';

interface AskingParts {
  conversationId: ConversationId | null;
  start: { folderId: FolderId | null };
  shown: ShownMessages;
  composer: Composer;
  onMade(id: ConversationId): void;
}

export function useAsking({ conversationId, start, shown, composer, onMade }: AskingParts) {
  const [editing, setEditing] = useState<Message | null>(null);
  /** Chosen before the conversation exists. */
  const [options, setOptions] = useState<AnswerOptions | null>(null);
  const [isSending, setSending] = useState(false);
  /** Answers to choose from; a person's habit, so it stays for the next question. */
  const [candidates, setCandidates] = useState(1);
  const several = candidates > 1 ? { candidates } : {};

  const place = async (): Promise<ConversationId> => {
    if (conversationId) return conversationId;
    const { id } = await api.createConversation({ ...start, ...options });
    composer.adopt(id);
    onMade(id);
    return id;
  };
  const send = async () => {
    if (isSending) return;
    setSending(true);
    const { items, text, task } = composer;
    const parts = partsOf(items, text);
    const how = { ...(task && { task }), ...several };
    try {
      if (editing?.role === 'user') {
        await shown.generate({ type: 'edit', messageId: editing.id, parts, ...how });
        setEditing(null);
        composer.restore(); // what was being written before is still the draft
      } else {
        const id = await place();
        const parentId = shown.messages.at(-1)?.id ?? null;
        await shown.generate({ type: 'question', conversationId: id, parentId, parts, ...how });
        composer.takeOut({ items, text });
      }
    } catch (error) {
      showFailure(error); // the words and files are still in the composer
    } finally {
      setSending(false);
    }
  };

  return {
    editing,
    options,
    setOptions,
    candidates,
    setCandidates,
    isSending,
    send: () => void send(),
    ask: (request: GenerationRequest) => void shown.generate(request).catch(showFailure),
    regenerate: (messageId: MessageId) =>
      void shown.generate({ type: 'regenerate', messageId, ...several }).catch(showFailure),
    edit(message: Message) {
      setEditing(message);
      if (message.role === 'user') composer.fill(message);
    },
    /** Ends editing; a question's words go, and what was being written before comes back. */
    endEdit() {
      if (editing?.role === 'user') composer.restore();
      setEditing(null);
    },
  };
}
