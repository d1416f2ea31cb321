/** What can be done with all chosen conversations at once. */
import { ActionIcon, CloseButton, Group, Text, Tooltip } from '@mantine/core';
import { IconArchive, IconArchiveOff, IconDownload, IconPin, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../../preload/contract/conversations.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import classes from './conversations.module.css';
import type { ConversationActions } from './use-conversation-actions.ts';

interface PickedBarProps {
  chosen: readonly Conversation[];
  isArchive: boolean;
  actions: ConversationActions;
  onExport(ids: readonly ConversationId[]): void;
  onClear(): void;
}

export function PickedBar({ chosen, isArchive, actions, onExport, onClear }: PickedBarProps) {
  const { t } = useTranslation('conversations');
  const ids = chosen.map(({ id }) => id);
  const then = (work: () => void) => () => {
    work();
    onClear();
  };
  return (
    <Group className={classes.pickedBar} gap={4} wrap="nowrap" role="toolbar" aria-label={t('picked.bar')}>
      <Text size="sm" flex={1} truncate aria-live="polite">
        {t('picked.count', { count: chosen.length })}
      </Text>
      <BarButton label={t('pin')} onClick={then(() => actions.setPinned(chosen, true))}>
        <IconPin size={16} />
      </BarButton>
      <BarButton label={t('export.open')} onClick={() => onExport(ids)}>
        <IconDownload size={16} />
      </BarButton>
      <BarButton
        label={isArchive ? t('unarchive') : t('archive')}
        onClick={then(() => actions.setArchived(chosen, !isArchive))}
      >
        {isArchive ? <IconArchiveOff size={16} /> : <IconArchive size={16} />}
      </BarButton>
      <BarButton label={t('delete')} color="red" onClick={then(() => actions.deletions.remove(ids))}>
        <IconTrash size={16} />
      </BarButton>
      <CloseButton size="sm" aria-label={t('picked.clear')} onClick={onClear} />
    </Group>
  );
}

function BarButton(props: { label: string; color?: string; onClick(): void; children: ReactNode }) {
  return (
    <Tooltip label={props.label} openDelay={400}>
      <ActionIcon
        variant="subtle"
        color={props.color ?? 'gray'}
        aria-label={props.label}
        onClick={props.onClick}
      >
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}
