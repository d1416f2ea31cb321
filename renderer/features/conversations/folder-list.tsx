/** Folders in folders: a view each, and places to drop conversations and folders on. */
import { ActionIcon, Menu, Text, UnstyledButton } from '@mantine/core';
import {
  IconChevronRight,
  IconDots,
  IconFolder,
  IconFolderPlus,
  IconFolderSymlink,
  IconPencil,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Folder } from '../../../preload/contract/conversations.ts';
import type { FolderId } from '../../../preload/contract/ids.ts';
import danger from '../../ui/danger.module.css';
import classes from './conversations.module.css';
import { startDrag } from './drag-payload.ts';
import { DropZone } from './drop-zone.tsx';
import { type FolderNode, folderPath, folderTree, mayMoveInto, visibleFolders } from './folder-tree.ts';
import { RenameField } from './rename-field.tsx';
import type { FolderActions } from './use-folder-actions.ts';

interface FolderListProps {
  folders: readonly Folder[];
  shownId: FolderId | null;
  actions: FolderActions;
  onShow(id: FolderId): void;
}

export function FolderList({ folders, shownId, actions, onShow }: FolderListProps) {
  const { t } = useTranslation('conversations');
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) => setClosed((ids) => (ids.has(id) ? without(ids, id) : new Set(ids).add(id)));
  const nodes = visibleFolders(folderTree(folders), closed);
  if (nodes.length === 0) return null;
  return (
    <ul className={classes.folders} aria-label={t('folders.list')}>
      {nodes.map((node) => (
        <li key={node.folder.id}>
          <FolderRow
            node={node}
            folders={folders}
            isShown={node.folder.id === shownId}
            isClosed={closed.has(node.folder.id)}
            actions={actions}
            onShow={() => onShow(node.folder.id)}
            onToggle={() => toggle(node.folder.id)}
          />
        </li>
      ))}
    </ul>
  );
}

interface FolderRowProps {
  node: FolderNode;
  folders: readonly Folder[];
  isShown: boolean;
  isClosed: boolean;
  actions: FolderActions;
  onShow(): void;
  onToggle(): void;
}

function FolderRow({ node, folders, isShown, isClosed, actions, onShow, onToggle }: FolderRowProps) {
  const { t } = useTranslation('conversations');
  const [isMenuOpen, setMenuOpen] = useState(false);
  const { folder, depth, children } = node;
  const isRenaming = actions.renamingId === folder.id;
  if (isRenaming) {
    return (
      <div className={classes.folderRow} style={{ paddingInlineStart: `${depth}rem` }}>
        <RenameField
          name={folder.name}
          label={t('folders.name')}
          onDone={(name) => actions.finishRename(folder, name)}
        />
      </div>
    );
  }
  return (
    <Menu
      withInitialFocusPlaceholder={false}
      opened={isMenuOpen}
      onChange={setMenuOpen}
      position="bottom-end"
      shadow="md"
    >
      <Menu.ContextMenu>
        <DropZone
          className={classes.folderRow}
          isShown={isShown}
          depth={depth}
          accepts={(payload) =>
            payload.type === 'conversations' || mayMoveInto(folders, payload.id, folder.id)
          }
          onDrop={(payload) => actions.dropInto(payload, folder.id)}
        >
          <ActionIcon
            variant="transparent"
            color="gray"
            size="sm"
            className={classes.folderChevron}
            data-hidden={children.length === 0 || undefined}
            disabled={children.length === 0}
            aria-expanded={!isClosed}
            aria-label={t('folders.toggle', { name: folder.name })}
            onClick={onToggle}
          >
            <IconChevronRight size={14} data-open={!isClosed || undefined} />
          </ActionIcon>
          <UnstyledButton
            className={classes.rowButton}
            aria-current={isShown ? 'true' : undefined}
            draggable
            onDragStart={(event) => startDrag(event.dataTransfer, { type: 'folder', id: folder.id })}
            onClick={onShow}
            onKeyDown={(event) => {
              if (event.key === 'F2') actions.startRename(folder.id);
            }}
          >
            <IconFolder size={16} aria-hidden />
            <Text component="span" size="sm" truncate dir="auto">
              {folder.name}
            </Text>
          </UnstyledButton>
          <Menu.Target>
            <ActionIcon
              className={classes.rowMenu}
              variant="subtle"
              color="gray"
              aria-label={t('menuOf', { title: folder.name })}
            >
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
        </DropZone>
      </Menu.ContextMenu>
      {isMenuOpen && <FolderMenu folder={folder} folders={folders} actions={actions} />}
    </Menu>
  );
}

function FolderMenu({
  folder,
  folders,
  actions,
}: Pick<FolderRowProps, 'folders' | 'actions'> & { folder: Folder }) {
  const { t } = useTranslation('conversations');
  const targets = folders.filter(({ id }) => id !== folder.parentId && mayMoveInto(folders, folder.id, id));
  return (
    <Menu.Dropdown>
      <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => actions.startRename(folder.id)}>
        {t('rename')}
      </Menu.Item>
      <Menu.Item leftSection={<IconFolderPlus size={16} />} onClick={() => actions.create(folder.id)}>
        {t('folders.newInside')}
      </Menu.Item>
      {(targets.length > 0 || folder.parentId !== null) && (
        <Menu.Sub>
          <Menu.Sub.Target>
            <Menu.Sub.Item leftSection={<IconFolderSymlink size={16} />}>{t('moveTo')}</Menu.Sub.Item>
          </Menu.Sub.Target>
          <Menu.Sub.Dropdown mah={320} style={{ overflowY: 'auto' }}>
            {folder.parentId !== null && (
              <Menu.Item onClick={() => actions.move(folder, null)}>{t('folders.top')}</Menu.Item>
            )}
            {targets.map(({ id }) => (
              <Menu.Item key={id} onClick={() => actions.move(folder, id)}>
                {folderPath(folders, id)}
              </Menu.Item>
            ))}
          </Menu.Sub.Dropdown>
        </Menu.Sub>
      )}
      <Menu.Divider />
      <Menu.Item
        className={danger.item}
        leftSection={<IconTrash size={16} />}
        onClick={() => actions.remove(folder)}
      >
        {t('folders.delete')}
      </Menu.Item>
    </Menu.Dropdown>
  );
}

function without(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return new Set([...ids].filter((other) => other !== id));
}
