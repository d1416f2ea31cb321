/** Has the pictures of the question being written looked at while a person still writes. */
import { useEffect, useState } from 'react';
import type { Part } from '../../../preload/contract/attachments.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';

/** A file that is taken out again at once is not looked at. */
const beginAfterMs = 350;

/**
 * Ends when the files change, are sent or are taken out; words change nothing.
 * @returns whether all pictures have been looked at, which makes the answer come sooner
 */
export function useLookAhead(conversationId: ConversationId | null, parts: readonly Part[]): boolean {
  const files = JSON.stringify(parts.filter(({ type }) => type !== 'text'));
  const [lookedAt, setLookedAt] = useState<string | null>(null);
  useEffect(() => {
    if (files === '[]') return;
    const leave = new AbortController();
    const watch = async () => {
      const question = { conversationId, parts: JSON.parse(files) as Part[] };
      for await (const { done, total } of api.lookAhead(question, leave.signal))
        if (total > 0 && done === total) setLookedAt(files);
    };
    const timer = setTimeout(() => void watch().catch(() => {}), beginAfterMs); // the question itself tells of faults
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [conversationId, files]);
  return files !== '[]' && lookedAt === files;
}
