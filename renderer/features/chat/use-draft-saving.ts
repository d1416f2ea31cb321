/** Keeps what is being written as a draft: a moment after each change, and at once when it is left. */
import { useEffect, useRef } from 'react';
import type { Draft } from '../../../preload/contract/conversations.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { type FilePart, filesOf } from './tray.ts';

const saveAfterMs = 400;

/** A question that is being written, with the way it will be asked. */
export type Written = Pick<Draft, 'parts' | 'task'>;

/** @param written null while there is nothing new to keep; another object is another state */
export function useDraftSaving(conversationId: ConversationId | null, written: Written | null): void {
  const waiting = useRef<(() => void) | null>(null);
  useEffect(() => {
    waiting.current = null;
    if (!written) return;
    const save = () => {
      waiting.current = null;
      api.saveDraft({ conversationId, ...written }).catch(() => {}); // the next change tries again
    };
    waiting.current = save;
    const timer = setTimeout(save, saveAfterMs);
    return () => clearTimeout(timer);
  }, [conversationId, written]);
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
  const { parts, task }: Written = draft ?? { parts: [] };
  const words = parts.filter(({ type }) => type === 'text');
  await api.saveDraft({
    conversationId,
    parts: [...filesOf(parts), part, ...words],
    ...(task && { task }),
  });
}
