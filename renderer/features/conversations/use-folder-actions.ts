/** What a person does with folders; a new one is named at once. */
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Folder } from '../../../preload/contract/conversations.ts';
import type { ConversationId, FolderId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import type { DragPayload } from './drag-payload.ts';
import type { Folders } from './use-folders.ts';

export interface FolderActions {
  renamingId: FolderId | null;
  create(parentId: FolderId | null): void;
  startRename(id: FolderId): void;
  finishRename(folder: Folder, name: string | null): void;
  move(folder: Folder, parentId: FolderId | null): void;
  remove(folder: Folder): void;
  dropInto(payload: DragPayload, target: FolderId | null): void;
}

export function useFolderActions(
  { folders, reload }: Folders,
  moveConversations: (ids: readonly ConversationId[], folderId: FolderId | null) => void,
): FolderActions {
  const { t } = useTranslation('conversations');
  const [renamingId, setRenamingId] = useState<FolderId | null>(null);
  const change = async (work: () => Promise<unknown>) => {
    try {
      await work();
      await reload();
    } catch (error) {
      showFailure(error);
    }
  };
  const update = (folder: Folder) => void change(() => api.updateFolder(folder));
  return {
    renamingId,
    create: (parentId) =>
      void change(async () => {
        const folder = await api.createFolder({
          name: t('folders.newName'),
          parentId,
        });
        setRenamingId(folder.id);
      }),
    startRename: setRenamingId,
    finishRename(folder, name) {
      setRenamingId(null);
      const trimmed = name?.trim() ?? '';
      if (trimmed !== '' && trimmed !== folder.name) update({ ...folder, name: trimmed });
    },
    move: (folder, parentId) => update({ ...folder, parentId }),
    remove: (folder) =>
      void modals.openConfirmModal({
        title: t('folders.deleteTitle', { name: folder.name }),
        children: t('folders.deleteText'),
        labels: { confirm: t('delete'), cancel: t('cancel') },
        confirmProps: { color: 'red' },
        onConfirm: () => void change(() => api.deleteFolder({ id: folder.id })),
      }),
    dropInto(payload, target) {
      if (payload.type === 'conversations') return moveConversations(payload.ids, target);
      const folder = folders.find(({ id }) => id === payload.id);
      if (folder && folder.parentId !== target) update({ ...folder, parentId: target });
    },
  };
}
