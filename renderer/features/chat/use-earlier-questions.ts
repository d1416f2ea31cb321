/** Files of the questions above the stretch that is shown, so that an answer can point at what is not here to see. */
import { useEffect, useMemo, useState } from 'react';
import type { EarlierQuestion, Message } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';

const none: readonly EarlierQuestion[] = [];

/** Null as long as they are not known. */
export function useEarlierQuestions(
  messages: readonly Message[],
  hasOlder: boolean,
): readonly EarlierQuestion[] | null {
  const [known, setKnown] = useState<{ before: MessageId; questions: readonly EarlierQuestion[] } | null>(
    null,
  );
  const shownIds = useMemo(() => new Set(messages.map(({ id }) => id)), [messages]);
  // Older messages that come into the page later are among those that are known.
  const isKnown = known !== null && shownIds.has(known.before);
  const firstId = messages[0]?.id;
  useEffect(() => {
    if (!hasOlder || firstId === undefined || isKnown) return;
    let isLeft = false;
    api.listEarlierQuestions({ messageId: firstId }).then(
      ({ questions }) => {
        if (!isLeft) setKnown({ before: firstId, questions });
      },
      () => {}, // the names stay words, as long as nobody can tell what they mean
    );
    return () => {
      isLeft = true;
    };
  }, [firstId, hasOlder, isKnown]);
  return useMemo(() => {
    if (!hasOlder) return none;
    return isKnown ? known.questions.filter(({ id }) => !shownIds.has(id)) : null;
  }, [hasOlder, isKnown, known, shownIds]);
}
