/** Everything a person has asked, at the side: views, folders, tags and the list; and the ways into the other screens. */
import { ActionIcon, Button, Group, ScrollArea, Stack, Text, Tooltip } from '@mantine/core';
import {
  IconArchive,
  IconFolderPlus,
  IconGhost2,
  IconMessages,
  IconPencilPlus,
  IconSearch,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../../preload/contract/conversations.ts';
import type { ConversationId, FolderId } from '../../../preload/contract/ids.ts';
import { arrangeRows } from './arrange-rows.ts';
import { ConversationRows } from './conversation-list.tsx';
import classes from './conversations.module.css';
import { EditTagsDialog } from './edit-tags-dialog.tsx';
import { FolderList } from './folder-list.tsx';
import { EmptyList } from './list-states.tsx';
import { keepPicked, nothingPicked, type Picked } from './pick-rows.ts';
import { PickedBar } from './picked-bar.tsx';
import type { ListView } from './place-conversation.ts';
import { SidebarFooter } from './sidebar-footer.tsx';
import { TagBar } from './tag-bar.tsx';
import { useConversationActions } from './use-conversation-actions.ts';
import { useConversations } from './use-conversations.ts';
import { useFolderActions } from './use-folder-actions.ts';
import { useFolders } from './use-folders.ts';
import { useRunningAnswers } from './use-running-answers.ts';
import { ViewButton } from './view-button.tsx';

export interface SidebarProps {
  shownId: ConversationId | null;
  onShow(id: ConversationId): void;
  onNew(start?: { folderId: FolderId | null }): void;
  onNewTemporary(): void;
  onSearch(): void;
  /** Null: all conversations. */
  onExport(ids: readonly ConversationId[] | null): void;
  onImport(): void;
  onOpenModels(): void;
  onOpenSettings(): void;
}

export function Sidebar(props: SidebarProps) {
  const { t } = useTranslation('conversations');
  const [view, setView] = useState<ListView>({ type: 'all' });
  const [picked, setPicked] = useState<Picked>(nothingPicked);
  const [tagged, setTagged] = useState<Conversation | null>(null);
  const list = useConversations(view);
  const folders = useFolders();
  const actions = useConversationActions(list, (ids) => {
    // What is deleted can't stay on the screen.
    if (props.shownId !== null && ids.includes(props.shownId)) props.onNew();
  });
  const folderActions = useFolderActions(folders, actions.moveTo);
  const marks = useRunningAnswers(props.shownId);
  const shown = list.conversations.filter(({ id }) => !actions.deletions.isWaiting(id));
  const rows = arrangeRows(shown, Date.now());
  useEffect(() => setPicked((known) => keepPicked(known, rows)), [rows]);
  const folderId = view.type === 'folder' ? view.id : null;
  useEffect(() => {
    if (
      folderId !== null &&
      folders.folders.length > 0 &&
      !folders.folders.some(({ id }) => id === folderId)
    ) {
      setView({ type: 'all' });
    }
  }, [folderId, folders.folders]);
  const show = (next: ListView) => {
    setView(next);
    setPicked(nothingPicked);
  };

  return (
    <nav className={classes.sidebar} aria-label={t('sidebar')}>
      <Stack gap="xs" p="sm" pb={0}>
        <Group gap="xs" wrap="nowrap">
          <Button
            flex={1}
            leftSection={<IconPencilPlus size={18} />}
            onClick={() => props.onNew({ folderId })}
          >
            {t('new')}
          </Button>
          <Tooltip label={t('newTemporaryHint')} multiline w={240} openDelay={400}>
            <ActionIcon
              size={36}
              variant="default"
              aria-label={t('newTemporary')}
              onClick={props.onNewTemporary}
            >
              <IconGhost2 size={18} />
            </ActionIcon>
          </Tooltip>
        </Group>
        <Button
          variant="default"
          justify="flex-start"
          leftSection={<IconSearch size={16} />}
          className={classes.searchButton}
          onClick={props.onSearch}
        >
          {t('search.open')}
        </Button>
      </Stack>
      <ScrollArea.Autosize mah="40%" type="auto" className={classes.views} px="sm">
        <ViewButton
          icon={<IconMessages size={16} aria-hidden />}
          label={t('views.all')}
          isShown={view.type === 'all'}
          onShow={() => show({ type: 'all' })}
          onDrop={(payload) => folderActions.dropInto(payload, null)}
        />
        <ViewButton
          icon={<IconArchive size={16} aria-hidden />}
          label={t('views.archive')}
          isShown={view.type === 'archive'}
          onShow={() => show({ type: 'archive' })}
          onDrop={(payload) => {
            if (payload.type === 'conversations') {
              actions.setArchived(
                shown.filter(({ id }) => payload.ids.includes(id)),
                true,
              );
            }
          }}
        />
        <Group justify="space-between" wrap="nowrap" mt={4}>
          <Text component="h2" size="xs" fw={600} c="dimmed" ps="xs">
            {t('folders.list')}
          </Text>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('folders.new')}
            onClick={() => folderActions.create(null)}
          >
            <IconFolderPlus size={16} />
          </ActionIcon>
        </Group>
        <FolderList
          folders={folders.folders}
          shownId={folderId}
          actions={folderActions}
          onShow={(id) => show({ type: 'folder', id })}
        />
        <TagBar
          tags={folders.tags}
          shownId={view.type === 'tag' ? view.id : null}
          onShow={(id) => show(id === null ? { type: 'all' } : { type: 'tag', id })}
          onChanged={() => void folders.reload()}
        />
      </ScrollArea.Autosize>
      <div className={classes.listArea}>
        {rows.length > 0 ? (
          <ConversationRows
            rows={rows}
            shownId={props.shownId}
            marks={marks}
            folders={folders.folders}
            tags={folders.tags}
            actions={actions}
            picked={picked}
            onPick={setPicked}
            onShow={props.onShow}
            onExport={props.onExport}
            onEditTags={setTagged}
            onNearEnd={list.loadMore}
          />
        ) : (
          <EmptyList view={view} state={list.state} onRetry={list.reload} />
        )}
      </div>
      {picked.ids.size > 0 && (
        <PickedBar
          chosen={shown.filter(({ id }) => picked.ids.has(id))}
          isArchive={view.type === 'archive'}
          actions={actions}
          onExport={props.onExport}
          onClear={() => setPicked(nothingPicked)}
        />
      )}
      <SidebarFooter {...props} />
      {tagged && (
        <EditTagsDialog
          conversation={tagged}
          tags={folders.tags}
          onClose={() => setTagged(null)}
          onSaved={(conversation) => {
            list.place(conversation);
            void folders.reload();
          }}
        />
      )}
    </nav>
  );
}
