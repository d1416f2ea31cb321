/** Keeps what is being written as a draft: a moment after each change, and at once when it is left. */
import { useEffect, useRef } from 'react';
import type { Part } from '../../../preload/contract/attachments.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import type { FilePart } from './tray.ts';

const saveAfterMs = 400;

/** @param parts null while there is nothing new to keep; another array is another state */
export function useDraftSaving(conversationId: ConversationId | null, parts: readonly Part[] | null): void {
  const waiting = useRef<(() => void) | null>(null);
  useEffect(() => {
    waiting.current = null;
    if (!parts) return;
    const save = () => {
      waiting.current = null;
      api.saveDraft({ conversationId, parts: [...parts] }).catch(() => {}); // the next change tries again
    };
    waiting.current = save;
    const timer = setTimeout(save, saveAfterMs);
    return () => clearTimeout(timer);
  }, [conversationId, parts]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation leaves this one
  useEffect(() => {
    const leave = () => waiting.current?.();
    const onVisibility = () => {
      if (document.visibilityState === 'hidden') leave();
    };
    document.addEventListener('visibilitychange', onVisibility);
    window.addEventListener('pagehide', leave);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, [conversationId]);
}

/** A file that was ready only when its place had been left: it waits there with the rest. */
export async function addToDraft(conversationId: ConversationId | null, part: FilePart): Promise<void> {
  const { draft } = await api.getDraft({ conversationId });
  const parts = draft?.parts ?? [];
  const files = parts.filter(({ type }) => type !== 'text');
  const words = parts.filter(({ type }) => type === 'text');
  await api.saveDraft({ conversationId, parts: [...files, part, ...words] });
}
