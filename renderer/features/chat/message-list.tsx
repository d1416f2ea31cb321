/** The messages of a conversation: only those in sight exist, and the end stays in sight while an answer grows. */
import { ActionIcon, Center, Loader } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { VList, type VListHandle } from 'virtua';
import type { EarlierQuestion, Message } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import css from './chat.module.css';
import { type MessageListActions, MessageRow } from './message-row.tsx';
import { askedUpTo, nothingAsked } from './named-places.ts';
import { useFollowing } from './use-following.ts';
import type { ShownMessages } from './use-messages.ts';

interface MessageListProps extends Pick<ShownMessages, 'errors' | 'dropped' | 'hasOlder' | 'loadOlder'> {
  messages: readonly Message[];
  /** Questions above them; null while they are not known. */
  earlier: readonly EarlierQuestion[] | null;
  /** Scrolled to once, such as a search hit. */
  focusId: MessageId | null;
  actions: MessageListActions;
}

export function MessageList(props: MessageListProps) {
  const { messages, earlier, focusId, hasOlder, loadOlder } = props;
  const { t } = useTranslation('chat');
  const list = useRef<VListHandle>(null);
  const frame = useRef<HTMLDivElement>(null);
  const following = useFollowing(frame, focusId === null);
  const { isFollowing, setFollowing, noteHand } = following;
  const isPrepending = usePrepending(messages);
  const asked = useMemo(() => askedUpTo(messages, earlier), [messages, earlier]);
  /** Null stands for older messages that are still to come. */
  const rows = useMemo(() => (hasOlder ? [null, ...messages] : messages), [messages, hasOlder]);

  const focused = useRef<MessageId | null>(null);
  useLayoutEffect(() => {
    const place = messages.findIndex(({ id }) => id === focusId);
    if (place < 0 || focused.current === focusId) return;
    focused.current = focusId;
    setFollowing(false);
    list.current?.scrollToIndex(place + (hasOlder ? 1 : 0), { align: 'center' });
  }, [focusId, messages, hasOlder, setFollowing]);

  // Who asks wants to see the answer, wherever the view was.
  const newest = messages.at(-1);
  const writtenId = newest?.state === 'streaming' ? newest.id : null;
  const followedId = useRef(writtenId);
  useLayoutEffect(() => {
    if (writtenId !== null && writtenId !== followedId.current) setFollowing(true);
    followedId.current = writtenId;
  }, [writtenId, setFollowing]);

  const lastPlace = rows.length - 1;
  useLayoutEffect(() => {
    if (isFollowing && lastPlace >= 0) list.current?.scrollToIndex(lastPlace, { align: 'end' });
  }, [lastPlace, isFollowing]);

  return (
    <div className={css.listFrame} ref={frame}>
      <VList
        ref={list}
        data={rows}
        shift={isPrepending}
        className={css.list}
        role="log"
        aria-live="off"
        aria-label={t('list.label')}
        tabIndex={0}
        onWheel={noteHand}
        onTouchMove={noteHand}
        onScroll={(offset) => {
          following.noteScroll();
          if (offset < 400 && hasOlder) loadOlder();
        }}
      >
        {(message) =>
          message === null ? (
            <Center key="older" p="md">
              <Loader size="sm" aria-label={t('list.loadingOlder')} />
            </Center>
          ) : (
            <div key={message.id} className={css.row}>
              <MessageRow
                message={message}
                asked={asked.get(message.id) ?? nothingAsked}
                error={props.errors.get(message.id) ?? null}
                droppedMessages={
                  props.dropped?.firstKeptId === message.id ? props.dropped.droppedMessages : 0
                }
                actions={props.actions}
              />
            </div>
          )
        }
      </VList>
      {!isFollowing && (
        <ActionIcon
          className={css.toEnd}
          variant="default"
          radius="xl"
          size="lg"
          aria-label={t('list.toEnd')}
          onClick={following.toEnd}
        >
          <IconArrowDown size={18} />
        </ActionIcon>
      )}
    </div>
  );
}

/** Whether older messages have just been put in front, so that what is in sight must not move. */
function usePrepending(messages: readonly Message[]): boolean {
  const firstId = useRef(messages[0]?.id);
  useEffect(() => {
    firstId.current = messages[0]?.id;
  });
  return firstId.current !== messages[0]?.id && messages.some(({ id }) => id === firstId.current);
}
