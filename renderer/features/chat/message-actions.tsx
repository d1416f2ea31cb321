/** What can be done with a message: copy, edit, ask again, go on, delete; and the way to its other versions. */
import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import {
  IconChevronLeft,
  IconChevronRight,
  IconCopy,
  IconPencil,
  IconPlayerTrackNext,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';
import { type ReactNode, useDeferredValue } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import css from './chat.module.css';
import { wordsToCopy } from './live-answers.ts';

export interface MessageActionsProps {
  message: Message;
  onShowBranch(id: MessageId): void;
  onEdit(message: Message): void;
  onRegenerate(question: MessageId): void;
  onContinue(answer: MessageId): void;
  onDelete(message: Message): void;
}

/**
 * The bar keeps its place at once and is filled when the page has time: half of what drawing a row costs are these
 * buttons, and a fast scroll draws many rows in one task.
 */
export function MessageActions(props: MessageActionsProps) {
  const isFilled = useDeferredValue(true, false);
  return isFilled ? <FilledActions {...props} /> : <Group className={css.actions} />;
}

function FilledActions(props: MessageActionsProps) {
  const { message, onEdit, onRegenerate, onContinue, onDelete } = props;
  const { t } = useTranslation('chat');
  const isAnswer = message.role === 'assistant';
  const endedEarly =
    isAnswer && (message.state !== 'complete' || message.generation?.stopReason === 'length');
  const { parentId } = message;
  return (
    <Group gap={2} className={css.actions} justify={isAnswer ? 'flex-start' : 'flex-end'}>
      <BranchArrows {...props} />
      <Action
        label={t('action.copy')}
        onClick={() => void navigator.clipboard.writeText(wordsToCopy(message))}
      >
        <IconCopy size={16} />
      </Action>
      <Action
        label={t(isAnswer ? 'action.editAnswer' : 'action.editQuestion')}
        onClick={() => onEdit(message)}
      >
        <IconPencil size={16} />
      </Action>
      {isAnswer && parentId && (
        <Action label={t('action.regenerate')} onClick={() => onRegenerate(parentId)}>
          <IconRefresh size={16} />
        </Action>
      )}
      {endedEarly && (
        <Action label={t('action.continue')} onClick={() => onContinue(message.id)}>
          <IconPlayerTrackNext size={16} className="flip-in-rtl" />
        </Action>
      )}
      <Action label={t('action.delete')} onClick={() => onDelete(message)}>
        <IconTrash size={16} />
      </Action>
    </Group>
  );
}

function BranchArrows({ message, onShowBranch }: MessageActionsProps) {
  const { t } = useTranslation('chat');
  const { siblingIds } = message;
  const at = siblingIds.indexOf(message.id);
  if (siblingIds.length < 2) return null;
  const show = (place: number) => {
    const id = siblingIds[place];
    if (id) onShowBranch(id);
  };
  return (
    <Group gap={0} role="group" aria-label={t('branch.label')}>
      <Action label={t('branch.previous')} disabled={at <= 0} onClick={() => show(at - 1)}>
        <IconChevronLeft size={16} className="flip-in-rtl" />
      </Action>
      <Text size="xs" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {t('branch.place', { place: at + 1, count: siblingIds.length })}
      </Text>
      <Action label={t('branch.next')} disabled={at >= siblingIds.length - 1} onClick={() => show(at + 1)}>
        <IconChevronRight size={16} className="flip-in-rtl" />
      </Action>
    </Group>
  );
}

interface ActionProps {
  label: string;
  disabled?: boolean;
  onClick(): void;
  children: ReactNode;
}

function Action({ label, disabled = false, onClick, children }: ActionProps) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
