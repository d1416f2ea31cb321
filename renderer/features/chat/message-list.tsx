/** The messages of a conversation: only those in sight exist, and the end stays in sight while an answer grows. */
import { ActionIcon, Center, Loader } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { VList, type VListHandle } from 'virtua';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import css from './chat.module.css';
import { type MessageListActions, MessageRow } from './message-row.tsx';
import { askedUpTo, nothingAsked } from './named-places.ts';
import type { ShownMessages } from './use-messages.ts';

interface MessageListProps extends Pick<ShownMessages, 'errors' | 'dropped' | 'hasOlder' | 'loadOlder'> {
  messages: readonly Message[];
  /** Scrolled to once, such as a search hit. */
  focusId: MessageId | null;
  actions: MessageListActions;
}

/** Within this many pixels of the end, the view follows it. */
const nearEndPx = 120;

export function MessageList(props: MessageListProps) {
  const { messages, focusId, hasOlder, loadOlder } = props;
  const { t } = useTranslation('chat');
  const list = useRef<VListHandle>(null);
  const [isFollowing, setFollowing] = useState(focusId === null);
  const seen = useRef({ offset: 0, scrollSize: 0, viewportSize: 0 });
  const frame = useRef<HTMLDivElement>(null);
  const [last, setLast] = useState<HTMLElement | null>(null);
  const isPrepending = usePrepending(messages);
  const asked = useMemo(() => askedUpTo(messages, hasOlder), [messages, hasOlder]);
  /** Null stands for older messages that are still to come. */
  const rows = useMemo(() => (hasOlder ? [null, ...messages] : messages), [messages, hasOlder]);

  const focused = useRef<MessageId | null>(null);
  useLayoutEffect(() => {
    const place = messages.findIndex(({ id }) => id === focusId);
    if (place < 0 || focused.current === focusId) return;
    focused.current = focusId;
    setFollowing(false);
    list.current?.scrollToIndex(place + (hasOlder ? 1 : 0), { align: 'center' });
  }, [focusId, messages, hasOlder]);

  // Who asks wants to see the answer, wherever the view was.
  const newest = messages.at(-1);
  const writtenId = newest?.state === 'streaming' ? newest.id : null;
  const followedId = useRef(writtenId);
  useLayoutEffect(() => {
    if (writtenId !== null && writtenId !== followedId.current) setFollowing(true);
    followedId.current = writtenId;
  }, [writtenId]);

  // Follows the end when a message comes, and while the last one grows.
  const lastPlace = rows.length - 1;
  useLayoutEffect(() => {
    if (isFollowing && lastPlace >= 0) list.current?.scrollToIndex(lastPlace, { align: 'end' });
  }, [lastPlace, isFollowing]);
  useEffect(() => {
    if (!last || !isFollowing) return;
    const watch = new ResizeObserver(() => list.current?.scrollTo(list.current.scrollSize));
    watch.observe(last);
    if (frame.current) watch.observe(frame.current); // a smaller window hides the end
    return () => watch.disconnect();
  }, [last, isFollowing]);

  /** Only a person's move away from the end stops the following; rows and windows of another size do not. */
  const noteScroll = (offset: number, { scrollSize }: VListHandle) => {
    // The list itself learns of a new size only after the window has scrolled for it.
    const viewportSize = frame.current?.clientHeight ?? 0;
    const { current: before } = seen;
    const isSameSize = scrollSize === before.scrollSize && viewportSize === before.viewportSize;
    const isMovedUp = offset < before.offset && isSameSize;
    seen.current = { offset, scrollSize, viewportSize };
    if (scrollSize - viewportSize - offset < nearEndPx) setFollowing(true);
    else if (isMovedUp) setFollowing(false);
    else if (isFollowing) list.current?.scrollTo(scrollSize);
  };

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
        onScroll={(offset) => {
          if (!list.current) return;
          noteScroll(offset, list.current);
          if (offset < 400 && hasOlder) loadOlder();
        }}
      >
        {(message, place) =>
          message === null ? (
            <Center key="older" p="md">
              <Loader size="sm" aria-label={t('list.loadingOlder')} />
            </Center>
          ) : (
            <div key={message.id} className={css.row} ref={place === lastPlace ? setLast : undefined}>
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
          onClick={() => list.current?.scrollTo(list.current.scrollSize)}
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
