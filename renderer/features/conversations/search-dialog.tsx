/** Full-text search over everything ever asked and answered, with a jump to the very message. */
import {
  Checkbox,
  EmptyState,
  Group,
  Loader,
  Modal,
  NativeSelect,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconSearch, IconZoomQuestion } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { VList, type VListHandle } from 'virtua';
import type { SearchHit, SearchQuery } from '../../../preload/contract/conversations.ts';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import { failureSentence } from '../../ui/show-failure.ts';
import classes from './conversations.module.css';
import { SearchHitRow } from './search-hit-row.tsx';
import { type SearchState, useSearch } from './use-search.ts';

export interface SearchDialogProps {
  opened: boolean;
  /** The one on the screen, which the search can be kept to. */
  conversationId?: ConversationId | null;
  onClose(): void;
  /** `messageId` null: found by its title. */
  onShow(conversationId: ConversationId, messageId: MessageId | null): void;
}

export function SearchDialog({ opened, onClose, ...rest }: SearchDialogProps) {
  const { t } = useTranslation('conversations');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('search.title')}
      size="lg"
      yOffset="8dvh"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <SearchPanel {...rest} onClose={onClose} />
    </Modal>
  );
}

function SearchPanel({ conversationId = null, onClose, onShow }: Omit<SearchDialogProps, 'opened'>) {
  const { t } = useTranslation('conversations');
  const [text, setText] = useState('');
  const [archived, setArchived] = useState<NonNullable<SearchQuery['archived']>>('with');
  const [isHereOnly, setHereOnly] = useState(false);
  const [active, setActive] = useState(0);
  const list = useRef<VListHandle>(null);
  const listId = useId();
  const found = useSearch({
    text,
    archived,
    ...(isHereOnly && conversationId !== null ? { conversationId } : {}),
  });
  const { hits } = found;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins at the top again
  useEffect(() => setActive(0), [text, archived, isHereOnly]);

  const show = (hit: SearchHit) => {
    onClose();
    onShow(hit.conversationId, hit.messageId);
  };
  const move = (to: number) => {
    const next = Math.max(0, Math.min(hits.length - 1, to));
    setActive(next);
    list.current?.scrollToIndex(next, { align: 'nearest' });
    if (next > hits.length - 5) found.loadMore();
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const chosen = hits[active];
    if (event.key === 'ArrowDown') move(active + 1);
    else if (event.key === 'ArrowUp') move(active - 1);
    else if (event.key === 'Enter' && chosen) show(chosen);
    else return;
    event.preventDefault();
  };

  return (
    <Stack gap="sm">
      <TextInput
        data-autofocus
        role="combobox"
        aria-label={t('search.label')}
        aria-expanded={hits.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={hits.length > 0 ? `${listId}-${active}` : undefined}
        placeholder={t('search.placeholder')}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={found.state === 'searching' ? <Loader size={16} /> : null}
        value={text}
        maxLength={1000}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={keyDown}
      />
      <Group gap="md">
        <NativeSelect
          size="xs"
          aria-label={t('search.archived.label')}
          value={archived}
          onChange={(event) => setArchived(event.currentTarget.value as typeof archived)}
          data={(['with', 'without', 'only'] as const).map((value) => ({
            value,
            label: t(`search.archived.${value}`),
          }))}
        />
        {conversationId !== null && (
          <Checkbox
            size="xs"
            label={t('search.hereOnly')}
            checked={isHereOnly}
            onChange={(event) => setHereOnly(event.currentTarget.checked)}
          />
        )}
      </Group>
      <div className={classes.hits}>
        {hits.length > 0 ? (
          <VList
            ref={list}
            id={listId}
            role="listbox"
            aria-label={t('search.hits')}
            onScroll={(offset) => {
              const at = list.current;
              if (at && offset + at.viewportSize > at.scrollSize - 300) found.loadMore();
            }}
          >
            {hits.map((hit, index) => (
              <SearchHitRow
                // Two hits may lie in one message, in different parts.
                // biome-ignore lint/suspicious/noArrayIndexKey: hits are only ever added at the end
                key={`${hit.messageId ?? hit.conversationId}-${index}`}
                id={`${listId}-${index}`}
                hit={hit}
                isActive={index === active}
                onShow={() => show(hit)}
                onPoint={() => setActive(index)}
              />
            ))}
          </VList>
        ) : (
          <NoHits found={found} text={text} />
        )}
      </div>
      <Text size="xs" c="dimmed" aria-live="polite">
        {hits.length > 0
          ? t('search.count', {
              count: hits.length,
              more: found.hasMore ? '+' : '',
            })
          : ''}
      </Text>
    </Stack>
  );
}

function NoHits({ found, text }: { found: SearchState; text: string }) {
  const { t } = useTranslation('conversations');
  if (found.state === 'searching') return null;
  if (found.state === 'failed') {
    return <EmptyState pt="xl" title={t('search.failed')} description={failureSentence(found.error)} />;
  }
  return found.state === 'idle' ? (
    <EmptyState
      pt="xl"
      icon={<IconSearch />}
      title={t('search.idleTitle')}
      description={t('search.idleText')}
    />
  ) : (
    <EmptyState
      pt="xl"
      icon={<IconZoomQuestion />}
      title={t('search.noneTitle', { text: text.trim() })}
      description={t('search.noneText')}
    />
  );
}
