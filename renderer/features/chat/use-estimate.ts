/** What the question would cost if it were sent now, asked a moment after it last changed. */
import { useEffect, useState } from 'react';
import type { Part } from '../../../preload/contract/attachments.ts';
import type { QuestionEstimate } from '../../../preload/contract/generation.ts';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';

const askAfterMs = 350;

/**
 * Null until there is something to judge and a model for it. `parts` must keep its identity while it is the same.
 * @param isLookedAt the model has seen the pictures already: only reading is left to wait for
 */
export function useEstimate(
  place: { conversationId: ConversationId | null; parentId: MessageId | null },
  parts: readonly Part[],
  isLookedAt: boolean,
): QuestionEstimate | null {
  const [estimate, setEstimate] = useState<QuestionEstimate | null>(null);
  const { conversationId, parentId } = place;
  useEffect(() => {
    if (parts.length === 0) {
      setEstimate(null);
      return;
    }
    const leave = new AbortController();
    const timer = setTimeout(() => {
      api.estimateQuestion({ conversationId, parentId, parts: [...parts], isLookedAt }, leave.signal).then(
        (known) => !leave.signal.aborted && setEstimate(known),
        () => !leave.signal.aborted && setEstimate(null),
      );
    }, askAfterMs);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [conversationId, parentId, parts, isLookedAt]);
  return estimate;
}
