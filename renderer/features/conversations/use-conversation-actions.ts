/** What a person does with conversations in the list; failures are told, and what worked shows at once. */
import type { Conversation, ConversationPatch } from '../../../preload/contract/conversations.ts';
import type { ConversationId, FolderId, TagId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import type { ConversationList } from './use-conversations.ts';
import { type Deletions, useDeletions } from './use-deletions.ts';

export interface ConversationActions {
  deletions: Deletions;
  rename(conversation: Conversation, title: string): void;
  setPinned(chosen: readonly Conversation[], pinned: boolean): void;
  setArchived(chosen: readonly Conversation[], archived: boolean): void;
  moveTo(ids: readonly ConversationId[], folderId: FolderId | null): void;
  toggleTag(conversation: Conversation, tagId: TagId): void;
}

export function useConversationActions(
  list: ConversationList,
  onRemove: (ids: readonly ConversationId[]) => void,
): ConversationActions {
  const deletions = useDeletions(onRemove);
  const patchAll = async (ids: readonly ConversationId[], patch: ConversationPatch) => {
    try {
      for (const id of ids) list.place(await api.updateConversation({ id, patch }));
    } catch (error) {
      showFailure(error);
    }
  };
  const idsOf = (chosen: readonly Conversation[]) => chosen.map(({ id }) => id);
  return {
    deletions,
    rename(conversation, title) {
      const trimmed = title.trim();
      if (trimmed !== '' && trimmed !== conversation.title)
        void patchAll([conversation.id], { title: trimmed });
    },
    setPinned: (chosen, pinned) => void patchAll(idsOf(chosen), { pinned }),
    setArchived: (chosen, archived) => void patchAll(idsOf(chosen), { archived }),
    moveTo: (ids, folderId) => void patchAll(ids, { folderId }),
    toggleTag({ id, tagIds }, tagId) {
      const next = tagIds.includes(tagId) ? tagIds.filter((other) => other !== tagId) : [...tagIds, tagId];
      void patchAll([id], { tagIds: next });
    },
  };
}
