/** Deleting conversations with a few seconds to take it back. */
import { notifications } from '@mantine/notifications';
import { useMemo, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { showUndoNotice, undoMs } from '../../ui/undo-notice.tsx';
import { type DeleteLater, deleteLater } from './delete-later.ts';

const notesKey = 'internvl.deletions';

const waiting = {
  read(): string[] {
    try {
      const ids: unknown = JSON.parse(localStorage.getItem(notesKey) ?? '[]');
      return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
    } catch {
      return [];
    }
  },
  write: (ids: string[]) => localStorage.setItem(notesKey, JSON.stringify(ids)),
};

async function carryOut(id: string): Promise<void> {
  try {
    await api.deleteConversation({ id: id as ConversationId });
  } catch (error) {
    // Somebody was faster.
    if (error instanceof AppError && error.code === 'not_found') return;
    throw error;
  }
}

const listeners = new Set<() => void>();
let version = 0;
/** One for the page: what waits outlives a sidebar that is closed meanwhile. */
let shared: DeleteLater | null = null;

function openDeletions(): DeleteLater {
  if (shared) return shared;
  const onChange = () => {
    version++;
    for (const listener of listeners) listener();
  };
  shared = deleteLater({ carryOut, notes: waiting, delayMs: undoMs, onChange });
  window.addEventListener('pagehide', shared.flush);
  return shared;
}

export interface Deletions {
  isWaiting(id: string): boolean;
  /** Hides these at once and offers to take it back. */
  remove(ids: readonly ConversationId[]): void;
  /** Takes the last removal back; false where there is none, or it is too late. */
  undoLast(): boolean;
}

/** What was removed last, until it is too late. */
let lastRemoval: (() => boolean) | null = null;

export function useDeletions(onRemove: (ids: readonly ConversationId[]) => void): Deletions {
  const { t } = useTranslation('conversations');
  const deletions = useMemo(openDeletions, []);
  useSyncExternalStore(subscribe, () => version);
  return {
    isWaiting: deletions.isWaiting,
    undoLast: () => lastRemoval?.() ?? false,
    remove(ids) {
      for (const id of ids) deletions.add(id);
      onRemove(ids);
      const takeBack = () => {
        notifications.hide(notice);
        return ids.map((id) => deletions.undo(id)).some((isBack) => isBack);
      };
      lastRemoval = takeBack;
      const text = t('deleted', { count: ids.length });
      const notice = showUndoNotice({ text, undo: { label: t('undo'), run: takeBack } });
      setTimeout(() => notifications.hide(notice), undoMs);
    },
  };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
