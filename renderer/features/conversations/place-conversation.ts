/** Keeps a loaded stretch of the list true to single changes, without loading it again. */
import type { Conversation } from '../../../preload/contract/conversations.ts';
import type { FolderId, TagId } from '../../../preload/contract/ids.ts';

/** Which conversations the list shows. */
export type ListView =
  | { type: 'all' }
  | { type: 'archive' }
  | { type: 'folder'; id: FolderId }
  | { type: 'tag'; id: TagId };

export interface LoadedList {
  conversations: readonly Conversation[];
  /** Null: the list is loaded to its end. */
  nextCursor: string | null;
}

function belongsTo(view: ListView, conversation: Conversation): boolean {
  if (conversation.archived !== (view.type === 'archive')) return false;
  if (view.type === 'folder') return conversation.folderId === view.id;
  if (view.type === 'tag') return conversation.tagIds.includes(view.id);
  return true;
}

/** The list with this conversation as it is now: moved to its place, or taken out where it no longer belongs. */
export function placeConversation(list: LoadedList, view: ListView, changed: Conversation): LoadedList {
  const others = withoutConversation(list, changed.id).conversations;
  if (!belongsTo(view, changed)) return { ...list, conversations: others };
  const found = others.findIndex((other) => comesBefore(changed, other));
  // Behind all that is loaded: the next page brings it.
  if (found < 0 && list.nextCursor !== null) return { ...list, conversations: others };
  const at = found < 0 ? others.length : found;
  return {
    ...list,
    conversations: [...others.slice(0, at), changed, ...others.slice(at)],
  };
}

export function withoutConversation(list: LoadedList, id: string): LoadedList {
  return {
    ...list,
    conversations: list.conversations.filter((conversation) => conversation.id !== id),
  };
}

/** Joins the next page; what moved up meanwhile and comes again stays where it is. */
export function appendPage(list: LoadedList, page: LoadedList): LoadedList {
  const known = new Set(list.conversations.map(({ id }) => id));
  const fresh = page.conversations.filter(({ id }) => !known.has(id));
  return {
    conversations: [...list.conversations, ...fresh],
    nextCursor: page.nextCursor,
  };
}

function comesBefore(a: Conversation, b: Conversation): boolean {
  if (a.temporary !== b.temporary) return a.temporary;
  if (a.pinned !== b.pinned) return a.pinned;
  return a.updatedAtMs >= b.updatedAtMs;
}
