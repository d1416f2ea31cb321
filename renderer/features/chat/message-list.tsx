/** The messages of a conversation: only those in sight exist, and the end stays in sight while an answer grows. */
import { ActionIcon, Center, Divider, Loader } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { VList, type VListHandle } from 'virtua';
import type { MessageId } from '../../../preload/contract/ids.ts';
import { Answer } from './answer.tsx';
import css from './chat.module.css';
import type { MessageActionsProps } from './message-actions.tsx';
import { Question } from './question.tsx';
import type { FilePart } from './tray.ts';
import type { ShownMessages } from './use-messages.ts';

interface MessageListProps extends Omit<MessageActionsProps, 'message'> {
  shown: ShownMessages;
  /** Scrolled to once, such as a search hit. */
  focusId: MessageId | null;
  onOpenFile(part: FilePart, place: { page: number | null; timeMs: number | null }): void;
}

/** Within this many pixels of the end, the view follows it. */
const nearEndPx = 120;

export function MessageList({ shown, focusId, onOpenFile, ...actions }: MessageListProps) {
  const { t } = useTranslation('chat');
  const list = useRef<VListHandle>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const { messages, errors, dropped } = shown;
  const growing = messages.at(-1);
  const firstId = useRef(messages[0]?.id);
  const isPrepending =
    firstId.current !== messages[0]?.id && messages.some(({ id }) => id === firstId.current);
  useEffect(() => {
    firstId.current = messages[0]?.id;
  });

  useLayoutEffect(() => {
    const place = focusId ? messages.findIndex(({ id }) => id === focusId) : -1;
    if (place >= 0) list.current?.scrollToIndex(place, { align: 'center' });
  }, [focusId, messages]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: follows whenever a message comes or changes
  useLayoutEffect(() => {
    if (isAtEnd && !focusId) list.current?.scrollToIndex(messages.length - 1, { align: 'end' });
  }, [messages.length, growing]);

  // The last answer grows without a new message: its size is what is watched then.
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const mark = end.current;
    if (!mark || !isAtEnd) return;
    const watch = new ResizeObserver(() => {
      const { current } = list;
      if (current) current.scrollTo(current.scrollSize);
    });
    watch.observe(mark);
    return () => watch.disconnect();
  }, [isAtEnd]);

  return (
    <div className={css.listFrame}>
      <VList
        ref={list}
        shift={isPrepending}
        className={css.list}
        role="log"
        aria-live="off"
        aria-label={t('list.label')}
        tabIndex={0}
        onScroll={(offset) => {
          const { current } = list;
          if (!current) return;
          setAtEnd(current.scrollSize - current.viewportSize - offset < nearEndPx);
          if (offset < 400 && shown.hasOlder) shown.loadOlder();
        }}
      >
        {shown.hasOlder && (
          <Center key="older" p="md">
            <Loader size="sm" aria-label={t('list.loadingOlder')} />
          </Center>
        )}
        {messages.map((message, at) => (
          <div key={message.id} className={css.row} ref={at === messages.length - 1 ? end : undefined}>
            {dropped?.firstKeptId === message.id && (
              <Divider my="md" label={t('list.dropped', { count: dropped.droppedMessages })} />
            )}
            {message.role === 'user' ? (
              <Question {...actions} message={message} onOpenFile={onOpenFile} />
            ) : (
              <Answer {...actions} message={message} error={errors.get(message.id) ?? null} />
            )}
          </div>
        ))}
      </VList>
      {!isAtEnd && (
        <ActionIcon
          className={css.toEnd}
          variant="default"
          radius="xl"
          size="lg"
          aria-label={t('list.toEnd')}
          onClick={() => list.current?.scrollToIndex(messages.length - 1, { align: 'end' })}
        >
          <IconArrowDown size={18} />
        </ActionIcon>
      )}
    </div>
  );
}
