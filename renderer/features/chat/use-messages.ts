/** The shown messages of a conversation, read in stretches and kept true by the app's events. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { AppErrorReport } from '../../../preload/contract/errors.ts';
import type { GenerationRequest } from '../../../preload/contract/generation.ts';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';
import { showFailure } from '../../ui/show-failure.ts';
import { useStableCallbacks } from '../../ui/use-stable-callbacks.ts';
import { type AnswerListener, createLiveAnswers } from './live-answers.ts';
import { emptyWindow, fromPage, type MessageWindow, withMessage, withOlder } from './message-window.ts';

/** One for the page: an answer goes on being followed while another conversation is shown. */
export const liveAnswers = createLiveAnswers(api);

/** Messages read at once. */
const stretch = 60;
type Stretch = { around?: MessageId; start?: number; limit?: number };

export interface DroppedTurns {
  firstKeptId: MessageId;
  droppedMessages: number;
}

export interface ShownMessages {
  messages: readonly Message[];
  isLoading: boolean;
  /** Why nothing could be read. */
  fault: unknown;
  hasOlder: boolean;
  loadOlder(): void;
  /** Errors of answers that ended in this page's life, by answer. */
  errors: ReadonlyMap<MessageId, AppErrorReport>;
  dropped: DroppedTurns | null;
  /** Asks in this conversation, or in one that has just been made. @throws AppError */
  generate(request: GenerationRequest): Promise<void>;
  reload(): void;
}

/** @param around a message to show with its neighbours, such as a search hit; default: the end */
export function useMessages(conversationId: ConversationId | null, around: MessageId | null): ShownMessages {
  const [window, setWindow] = useState<MessageWindow>(emptyWindow);
  const [isLoading, setLoading] = useState(true);
  const [fault, setFault] = useState<unknown>(null);
  const [errors, setErrors] = useState<ReadonlyMap<MessageId, AppErrorReport>>(new Map());
  const [dropped, setDropped] = useState<DroppedTurns | null>(null);
  const shown = useRef(conversationId);
  shown.current = conversationId;

  const listener = useRef<AnswerListener>({
    onQuestion: (message) => put(message),
    onAnswer: (message) => put(message),
    onEnd(message, error) {
      update(message);
      if (error) setErrors((known) => new Map(known).set(message.id, error));
    },
    onContext: (firstKeptId, droppedMessages) => setDropped({ firstKeptId, droppedMessages }),
  }).current;
  /** Of an answer that somebody else began: it never takes the place of what is shown. */
  const joined = useRef<AnswerListener>({ ...listener, onAnswer: (message) => update(message) }).current;
  /** Counts what events have put here, so that a page that was read meanwhile is known to be old. */
  const changes = useRef(0);
  function put(message: Message) {
    if (message.conversationId !== shown.current) return;
    changes.current += 1;
    setWindow((before) => withMessage(before, message));
  }

  /** A message that is shown has changed; one of a branch that has been left stays away. */
  function update(message: Message) {
    if (message.conversationId !== shown.current) return;
    changes.current += 1;
    setWindow((before) =>
      before.messages.some(({ id }) => id === message.id) ? withMessage(before, message) : before,
    );
  }

  const load = useCallback(
    async (id: ConversationId, place: Stretch): Promise<void> => {
      const known = changes.current;
      try {
        const page = await api.listMessages({ conversationId: id, limit: stretch, ...place });
        if (shown.current !== id) return;
        if (changes.current !== known) return await load(id, place);
        // The path may have become shorter than what was shown.
        if (page.messages.length === 0 && page.total > 0) return await load(id, {});
        setWindow(fromPage(page));
        setFault(null);
        setDropped(droppedBy(page.messages));
        for (const message of page.messages) {
          if (message.state === 'streaming') liveAnswers.join(message.id, joined);
        }
      } catch (error) {
        if (shown.current === id) setFault(error);
      } finally {
        if (shown.current === id) setLoading(false);
      }
    },
    [joined],
  );

  useEffect(() => {
    setDropped(null);
    setFault(null);
    setLoading(conversationId !== null);
    // A conversation that was made by the first question keeps what that question has put here.
    setWindow((before) => (before.messages[0]?.conversationId === conversationId ? before : emptyWindow));
    if (conversationId) void load(conversationId, around ? { around } : {});
  }, [conversationId, around, load]);
  /** What is shown, with room for what has come since; so that nobody who has scrolled up is taken elsewhere. */
  const reload = () => {
    const { start, messages } = window;
    if (conversationId) {
      void load(
        conversationId,
        messages.length > 0 ? { start, limit: Math.min(1000, messages.length + stretch) } : {},
      );
    }
  };

  const isMissed = useRef(false);
  const isBusy = window.messages.some(({ id, state }) => state === 'streaming' && liveAnswers.get(id));
  useAppEvent((event) => {
    if (event.type !== 'conversations-changed' || !conversationId) return;
    if (event.conversationId !== null && event.conversationId !== conversationId) return;
    if (isBusy) isMissed.current = true;
    else reload();
  });
  const isReading = useRef(false);
  const { loadOlder, reload: reloadNow } = useStableCallbacks({
    reload,
    loadOlder() {
      if (!conversationId || window.start === 0 || isReading.current) return;
      isReading.current = true;
      const start = Math.max(0, window.start - stretch);
      api
        .listMessages({ conversationId, start, limit: window.start - start })
        .then((page) => setWindow((before) => withOlder(before, page)), showFailure)
        .finally(() => {
          isReading.current = false;
        });
    },
  });

  // While an answer grows nothing is read again. What changed meanwhile, such as another answer begun, is looked up then.
  useEffect(() => {
    if (isBusy || !isMissed.current) return;
    isMissed.current = false;
    reloadNow();
  });

  return {
    messages: window.messages,
    isLoading,
    fault,
    hasOlder: window.start > 0,
    errors,
    dropped,
    loadOlder,
    generate: (request) => liveAnswers.generate(request, listener),
    reload: reloadNow,
  };
}

/** What the newest answer's context had no room for. */
function droppedBy(messages: readonly Message[]): DroppedTurns | null {
  const newest = messages.findLast(({ role }) => role === 'assistant');
  return newest?.generation?.context ?? null;
}
