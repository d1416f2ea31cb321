/** Redraws with one answer's newest text, and with nothing else. */
import { useCallback, useSyncExternalStore } from 'react';
import type { MessageId } from '../../../preload/contract/ids.ts';
import type { LiveAnswer } from './live-answers.ts';
import { liveAnswers } from './use-messages.ts';

export function useLiveAnswer(messageId: MessageId): LiveAnswer | null {
  const subscribe = useCallback(
    (listener: () => void) => liveAnswers.subscribe(messageId, listener),
    [messageId],
  );
  return useSyncExternalStore(subscribe, () => liveAnswers.get(messageId));
}
