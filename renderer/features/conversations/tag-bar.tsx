/** The tags as a row of filters, each with a menu to rename or delete it. */
import { Menu, Text, UnstyledButton } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tag } from '../../../preload/contract/conversations.ts';
import type { TagId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import danger from '../../ui/danger.module.css';
import { showFailure } from '../../ui/show-failure.ts';
import classes from './conversations.module.css';
import { RenameField } from './rename-field.tsx';

interface TagBarProps {
  tags: readonly Tag[];
  shownId: TagId | null;
  onShow(id: TagId | null): void;
  onChanged(): void;
}

export function TagBar({ tags, shownId, onShow, onChanged }: TagBarProps) {
  const { t } = useTranslation('conversations');
  const [renamingId, setRenamingId] = useState<TagId | null>(null);
  if (tags.length === 0) return null;
  const change = (work: Promise<unknown>) => work.then(onChanged, showFailure);
  const finishRename = (tag: Tag, name: string | null) => {
    setRenamingId(null);
    const trimmed = name?.trim() ?? '';
    if (trimmed !== '' && trimmed !== tag.name) void change(api.renameTag({ ...tag, name: trimmed }));
  };
  const askRemoval = (tag: Tag) =>
    modals.openConfirmModal({
      title: t('tags.deleteTitle', { name: tag.name }),
      children: <Text size="sm">{t('tags.deleteText')}</Text>,
      labels: { confirm: t('delete'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        if (tag.id === shownId) onShow(null);
        void change(api.deleteTag({ id: tag.id }));
      },
    });
  return (
    <ul className={classes.tags} aria-label={t('tags.list')}>
      {tags.map((tag) => (
        <li key={tag.id}>
          {renamingId === tag.id ? (
            <RenameField name={tag.name} label={t('newName')} onDone={(name) => finishRename(tag, name)} />
          ) : (
            <TagChip
              tag={tag}
              isShown={tag.id === shownId}
              onShow={() => onShow(tag.id === shownId ? null : tag.id)}
              onRename={() => setRenamingId(tag.id)}
              onRemove={() => askRemoval(tag)}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

interface TagChipProps {
  tag: Tag;
  isShown: boolean;
  onShow(): void;
  onRename(): void;
  onRemove(): void;
}

function TagChip({ tag, isShown, onShow, onRename, onRemove }: TagChipProps) {
  const { t } = useTranslation('conversations');
  return (
    <Menu withInitialFocusPlaceholder={false} shadow="md">
      <Menu.ContextMenu>
        <UnstyledButton
          className={classes.tag}
          aria-pressed={isShown}
          aria-keyshortcuts="F2 Delete"
          onClick={onShow}
          onKeyDown={(event) => {
            if (event.key === 'F2') onRename();
            if (event.key === 'Delete') onRemove();
          }}
        >
          <bdi>#{tag.name}</bdi>
        </UnstyledButton>
      </Menu.ContextMenu>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={onRename}>
          {t('rename')}
        </Menu.Item>
        <Menu.Item className={danger.item} leftSection={<IconTrash size={16} />} onClick={onRemove}>
          {t('delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
