/** Which conversations are being answered now, and which were answered while nobody looked. */
import { useEffect, useState } from 'react';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';

export interface AnswerMarks {
  running: ReadonlySet<string>;
  unseen: ReadonlySet<string>;
}

/** @param shownId the conversation that a person sees, whose answers are never unseen */
export function useRunningAnswers(shownId: string | null): AnswerMarks {
  /** Conversation of each running answer, by its message. */
  const [running, setRunning] = useState<ReadonlyMap<string, string>>(new Map());
  const [unseen, setUnseen] = useState<ReadonlySet<string>>(new Set());

  useEffect(() => {
    api
      .listRunningAnswers({})
      .then(({ answers }) =>
        setRunning(new Map(answers.map(({ messageId, conversationId }) => [messageId, conversationId]))),
      )
      // Marks only; events bring them later.
      .catch(() => {});
  }, []);
  useEffect(() => {
    if (shownId !== null) setUnseen((ids) => (ids.has(shownId) ? without(ids, shownId) : ids));
  }, [shownId]);
  useAppEvent((event) => {
    if (event.type === 'answer-started') {
      setRunning((known) => new Map(known).set(event.messageId, event.conversationId));
    } else if (event.type === 'answer-ended') {
      setRunning((known) => new Map([...known].filter(([messageId]) => messageId !== event.messageId)));
      if (event.conversationId !== shownId) setUnseen((ids) => new Set(ids).add(event.conversationId));
    }
  });
  return { running: new Set(running.values()), unseen };
}

function without(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return new Set([...ids].filter((other) => other !== id));
}
