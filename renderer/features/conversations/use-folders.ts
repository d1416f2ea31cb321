/** Folders and tags, kept true by events. */
import { useCallback, useEffect, useState } from 'react';
import type { Folder, Tag } from '../../../preload/contract/conversations.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';

export interface Folders {
  folders: readonly Folder[];
  tags: readonly Tag[];
  reload(): Promise<void>;
}

export function useFolders(): Folders {
  const [known, setKnown] = useState<{ folders: Folder[]; tags: Tag[] }>({
    folders: [],
    tags: [],
  });
  const reload = useCallback(async () => {
    try {
      setKnown(await api.listFolders({}));
    } catch {
      // The list of conversations says what is wrong; without folders it still works.
    }
  }, []);
  useEffect(() => void reload(), [reload]);
  useAppEvent((event) => {
    if (event.type === 'conversations-changed' && event.conversationId === null) void reload();
  });
  return { ...known, reload };
}
