/** The virtualised list of conversations, with its keyboard. */
import { Text } from '@mantine/core';
import { type KeyboardEvent, type MouseEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Conversation, Folder, Tag } from '../../../preload/contract/conversations.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import type { DateGroup, ListRow } from './arrange-rows.ts';
import { ConversationRow } from './conversation-row.tsx';
import classes from './conversations.module.css';
import { startDrag } from './drag-payload.ts';
import { type Picked, pickRow } from './pick-rows.ts';
import { nextRow } from './row-keys.ts';
import type { ConversationActions } from './use-conversation-actions.ts';
import type { AnswerMarks } from './use-running-answers.ts';

export interface ConversationListProps {
  rows: readonly ListRow[];
  shownId: ConversationId | null;
  marks: AnswerMarks;
  folders: readonly Folder[];
  tags: readonly Tag[];
  actions: ConversationActions;
  picked: Picked;
  onPick(picked: Picked): void;
  onShow(id: ConversationId): void;
  onExport(ids: readonly ConversationId[]): void;
  onEditTags(conversation: Conversation): void;
  onNearEnd(): void;
}

/** Rows from the end at which the next page is asked for. */
const nearEnd = 15;

export function ConversationRows(props: ConversationListProps) {
  const { rows, picked, actions, shownId } = props;
  const { t } = useTranslation('conversations');
  const handle = useRef<VirtualizerHandle>(null);
  const [focusedId, setFocusedId] = useState<ConversationId | null>(null);
  const [renamingId, setRenamingId] = useState<ConversationId | null>(null);
  const tabStop = findTabStop(rows, focusedId ?? shownId);

  const focusRow = (index: number) => {
    const row = rows[index];
    if (row?.kind !== 'conversation') return;
    setFocusedId(row.conversation.id);
    handle.current?.scrollToIndex(index, { align: 'nearest' });
    // The row may only now be drawn.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>(`[data-conversation="${row.conversation.id}"]`)?.focus(),
      ),
    );
  };
  const click = (event: MouseEvent, conversation: Conversation) => {
    if (event.shiftKey) return props.onPick(pickRow(picked, rows, conversation.id, 'stretch'));
    if (event.ctrlKey || event.metaKey) {
      return props.onPick(pickRow(picked, rows, conversation.id, 'toggle'));
    }
    props.onPick({ ids: new Set(), anchor: conversation.id });
    props.onShow(conversation.id);
  };
  const keyDown = (event: KeyboardEvent, index: number, conversation: Conversation) => {
    const next = nextRow(rows, index, event.key);
    if (next !== null) focusRow(next);
    else if (event.key === 'F2') setRenamingId(conversation.id);
    else if (event.key === 'Delete') {
      focusRow(nextRow(rows, index, index === rows.length - 1 ? 'ArrowUp' : 'ArrowDown') ?? index);
      actions.deletions.remove(picked.ids.has(conversation.id) ? [...picked.ids] : [conversation.id]);
    } else if (event.key === ' ' && (event.ctrlKey || event.metaKey)) {
      props.onPick(pickRow(picked, rows, conversation.id, 'toggle'));
    } else if (event.key === 'z' && (event.ctrlKey || event.metaKey)) {
      if (!actions.deletions.undoLast()) return;
    } else if (event.key === 'Escape' && picked.ids.size > 0) {
      props.onPick({ ids: new Set(), anchor: null });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const dragged = (id: ConversationId) => (picked.ids.has(id) ? [...picked.ids] : [id]);

  return (
    <section className={classes.list} aria-label={t('list')}>
      <Virtualizer
        ref={handle}
        as="ul"
        item="li"
        onScroll={() => {
          const list = handle.current;
          if (!list) return;
          const last = list.findItemIndex(list.scrollOffset + list.viewportSize);
          if (last >= rows.length - nearEnd) props.onNearEnd();
        }}
      >
        {rows.map((row, index) => {
          if (row.kind === 'heading') return <Heading key={row.key} group={row.group} />;
          const { conversation } = row;
          const { id } = conversation;
          return (
            <ConversationRow
              key={row.key}
              conversation={conversation}
              folders={props.folders}
              tags={props.tags}
              actions={actions}
              isShown={id === shownId}
              isPicked={picked.ids.has(id)}
              isTabStop={id === tabStop}
              isRunning={props.marks.running.has(id)}
              isUnseen={props.marks.unseen.has(id)}
              isRenaming={id === renamingId}
              onClick={(event) => click(event, conversation)}
              onKeyDown={(event) => keyDown(event, index, conversation)}
              onFocus={() => setFocusedId(id)}
              onRename={() => setRenamingId(id)}
              onRenamed={(title) => {
                setRenamingId(null);
                if (title !== null) actions.rename(conversation, title);
                focusRow(index);
              }}
              onExport={props.onExport}
              onEditTags={() => props.onEditTags(conversation)}
              onDragStart={(event) =>
                startDrag(event.dataTransfer, {
                  type: 'conversations',
                  ids: dragged(id),
                })
              }
            />
          );
        })}
      </Virtualizer>
    </section>
  );
}

function Heading({ group }: { group: DateGroup }) {
  const { t, i18n } = useTranslation('conversations');
  const text =
    group.type === 'calendar-month'
      ? new Intl.DateTimeFormat(i18n.language, {
          month: 'long',
          year: 'numeric',
        }).format(new Date(group.year, group.month, 1))
      : t(`dates.${group.type}`);
  return (
    <Text component="h3" size="xs" fw={600} c="dimmed" className={classes.heading}>
      {text}
    </Text>
  );
}

function findTabStop(rows: readonly ListRow[], wanted: ConversationId | null): ConversationId | null {
  const ids = rows.flatMap((row) => (row.kind === 'conversation' ? [row.conversation.id] : []));
  return wanted !== null && ids.includes(wanted) ? wanted : (ids[0] ?? null);
}
