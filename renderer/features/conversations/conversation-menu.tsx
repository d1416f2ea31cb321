/** What can be done with one conversation, as the entries of its menu. */
import { Menu } from '@mantine/core';
import {
  IconArchive,
  IconArchiveOff,
  IconCheck,
  IconDownload,
  IconFolder,
  IconPencil,
  IconPin,
  IconPinnedOff,
  IconTag,
  IconTrash,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Conversation, Folder, Tag } from '../../../preload/contract/conversations.ts';
import type { ConversationId, FolderId } from '../../../preload/contract/ids.ts';
import danger from '../../ui/danger.module.css';
import { folderPath } from './folder-tree.ts';
import type { ConversationActions } from './use-conversation-actions.ts';

export interface ConversationMenuProps {
  conversation: Conversation;
  folders: readonly Folder[];
  tags: readonly Tag[];
  actions: ConversationActions;
  onRename(): void;
  onExport(ids: readonly ConversationId[]): void;
  onEditTags(): void;
}

const iconSize = 16;

export function ConversationMenu(props: ConversationMenuProps) {
  const { conversation, actions } = props;
  const { t } = useTranslation('conversations');
  const { pinned, archived, temporary } = conversation;
  return (
    <Menu.Dropdown>
      <Menu.Item leftSection={<IconPencil size={iconSize} />} onClick={props.onRename}>
        {t('rename')}
      </Menu.Item>
      {!temporary && (
        <>
          <Menu.Item
            leftSection={pinned ? <IconPinnedOff size={iconSize} /> : <IconPin size={iconSize} />}
            onClick={() => actions.setPinned([conversation], !pinned)}
          >
            {pinned ? t('unpin') : t('pin')}
          </Menu.Item>
          <FolderEntries {...props} />
          <TagEntries {...props} />
          <Menu.Item
            leftSection={<IconDownload size={iconSize} />}
            onClick={() => props.onExport([conversation.id])}
          >
            {t('export.open')}
          </Menu.Item>
          <Menu.Item
            leftSection={archived ? <IconArchiveOff size={iconSize} /> : <IconArchive size={iconSize} />}
            onClick={() => actions.setArchived([conversation], !archived)}
          >
            {archived ? t('unarchive') : t('archive')}
          </Menu.Item>
        </>
      )}
      <Menu.Divider />
      <Menu.Item
        className={danger.item}
        leftSection={<IconTrash size={iconSize} />}
        onClick={() => actions.deletions.remove([conversation.id])}
      >
        {t('delete')}
      </Menu.Item>
    </Menu.Dropdown>
  );
}

function FolderEntries({ conversation, folders, actions }: ConversationMenuProps) {
  const { t } = useTranslation('conversations');
  if (folders.length === 0) return null;
  const moveTo = (folderId: FolderId | null) => actions.moveTo([conversation.id], folderId);
  return (
    <Menu.Sub>
      <Menu.Sub.Target>
        <Menu.Sub.Item leftSection={<IconFolder size={iconSize} />}>{t('moveTo')}</Menu.Sub.Item>
      </Menu.Sub.Target>
      <Menu.Sub.Dropdown mah={320} style={{ overflowY: 'auto' }}>
        <Menu.Item disabled={conversation.folderId === null} onClick={() => moveTo(null)}>
          {t('noFolder')}
        </Menu.Item>
        {folders.map(({ id }) => (
          <Menu.Item key={id} disabled={id === conversation.folderId} onClick={() => moveTo(id)}>
            {folderPath(folders, id)}
          </Menu.Item>
        ))}
      </Menu.Sub.Dropdown>
    </Menu.Sub>
  );
}

function TagEntries({ conversation, tags, actions, onEditTags }: ConversationMenuProps) {
  const { t } = useTranslation('conversations');
  return (
    <Menu.Sub>
      <Menu.Sub.Target>
        <Menu.Sub.Item leftSection={<IconTag size={iconSize} />}>{t('tags.menu')}</Menu.Sub.Item>
      </Menu.Sub.Target>
      <Menu.Sub.Dropdown mah={320} style={{ overflowY: 'auto' }}>
        {tags.map((tag) => (
          <Menu.CheckboxItem
            key={tag.id}
            checkIcon={<IconCheck size={iconSize} />}
            checked={conversation.tagIds.includes(tag.id)}
            onChange={() => actions.toggleTag(conversation, tag.id)}
          >
            {tag.name}
          </Menu.CheckboxItem>
        ))}
        {tags.length > 0 && <Menu.Divider />}
        <Menu.Item onClick={onEditTags}>{t('tags.new')}</Menu.Item>
      </Menu.Sub.Dropdown>
    </Menu.Sub>
  );
}
