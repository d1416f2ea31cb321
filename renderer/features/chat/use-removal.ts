/** Deletes a message a few seconds after it has vanished from the view, so that it can be taken back meanwhile. */
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import { showUndoNotice, undoMs } from '../../ui/undo-notice.tsx';

interface Waiting {
  id: MessageId;
  timer: ReturnType<typeof setTimeout>;
  notice: string;
}

/** @returns the message that is hidden with all that follows it, and how to hide another */
export function useRemoval(onDeleted: () => void): {
  hiddenId: MessageId | null;
  remove(id: MessageId): void;
} {
  const { t } = useTranslation('chat');
  const [hiddenId, setHiddenId] = useState<MessageId | null>(null);
  const waiting = useRef<Waiting | null>(null);
  const newest = useRef(onDeleted);
  newest.current = onDeleted;

  const end = () => {
    const ended = waiting.current;
    if (!ended) return null;
    clearTimeout(ended.timer);
    notifications.hide(ended.notice);
    waiting.current = null;
    return ended;
  };
  const carryOut = () => {
    const ended = end();
    if (!ended) return;
    api
      .deleteMessage({ messageId: ended.id })
      .catch(showFailure)
      .finally(() => {
        setHiddenId((hidden) => (hidden === ended.id ? null : hidden));
        newest.current();
      });
  };
  const undo = () => {
    end();
    setHiddenId(null);
  };
  const atEnd = useRef(carryOut);
  atEnd.current = carryOut;
  useEffect(() => {
    // Whoever was told that it is deleted and leaves, means it.
    const leave = () => atEnd.current();
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, []);

  return {
    hiddenId,
    remove(id) {
      carryOut();
      setHiddenId(id);
      const notice = showUndoNotice({ text: t('delete.done'), undo: { label: t('delete.undo'), run: undo } });
      waiting.current = { id, notice, timer: setTimeout(() => atEnd.current(), undoMs) };
    },
  };
}
