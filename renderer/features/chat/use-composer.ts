/** The question being written: words and files, kept as a draft while they change. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Attachment, Part } from '../../../preload/contract/attachments.ts';
import { AppError, reportError } from '../../../preload/contract/errors.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import type { UploadId } from '../../../preload/contract/uploads.ts';
import { api, uploadFile } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import { type FilePart, moveItem, partFor, partsOf, type TrayItem, usualFrames } from './tray.ts';

export interface Composer {
  text: string;
  setText(text: string): void;
  items: readonly TrayItem[];
  addFiles(files: Iterable<File>): void;
  addUploads(uploadIds: readonly UploadId[]): void;
  addAttachment(attachment: Attachment, name: string): void;
  addPart(attachment: Attachment, part: FilePart): void;
  unlock(key: string, password: string): void;
  changePart(key: string, part: FilePart): void;
  remove(key: string): void;
  move(from: number, to: number): void;
  /** Empties it and forgets the draft, after the question is on the disk. */
  clear(): void;
  /** Puts parts in place of what is there, as when a question is edited. */
  fill(parts: readonly Part[]): Promise<void>;
}

const saveAfterMs = 400;
let lastKey = 0;
const newKey = () => `file-${++lastKey}`;

export function useComposer(conversationId: ConversationId | null, isTemporary: boolean): Composer {
  const [text, setText] = useState('');
  const [items, setItems] = useState<readonly TrayItem[]>([]);
  /** Which conversation's draft is shown; what is read for another comes too late. */
  const place = useRef<ConversationId | null | undefined>(undefined);
  const isRead = useRef(false);

  const put = useCallback((key: string, next: TrayItem) => {
    setItems((before) => before.map((item) => (item.key === key ? next : item)));
  }, []);

  const fill = useCallback(async (parts: readonly Part[]) => {
    const words = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    const files = parts.flatMap((part) => (part.type === 'text' ? [] : [part]));
    const known = await Promise.all(
      files.map(async (part): Promise<TrayItem> => {
        const item = { key: newKey(), name: part.name };
        try {
          return {
            ...item,
            state: 'ready',
            attachment: await api.getAttachment({ id: part.attachmentId }),
            part,
          };
        } catch (error) {
          return { ...item, state: 'refused', error: reportError(error) };
        }
      }),
    );
    setText(words.join('\n'));
    setItems(known);
  }, []);

  useEffect(() => {
    place.current = conversationId;
    isRead.current = false;
    setText('');
    setItems([]);
    api
      .getDraft({ conversationId })
      .then(async ({ draft }) => {
        if (place.current !== conversationId) return;
        if (draft) await fill(draft.parts);
        isRead.current = true;
      })
      .catch(() => {
        isRead.current = true;
      });
  }, [conversationId, fill]);

  useEffect(() => {
    if (!isRead.current) return;
    const timer = setTimeout(() => {
      const parts = partsOf(items, text);
      api.saveDraft({ conversationId, parts }).catch(() => {}); // the next change tries again
    }, saveAfterMs);
    return () => clearTimeout(timer);
  }, [text, items, conversationId]);

  const keep = async (key: string, uploadId: UploadId, name: string, password?: string) => {
    try {
      const added = await api.addAttachment({
        uploadId,
        ...(password !== undefined && { password }),
        ...(isTemporary && { conversationId }),
      });
      const { attachment } = added;
      const part = partFor(attachment, added.name, await framesOf(attachment));
      put(key, { key, name: added.name, state: 'ready', attachment, part });
    } catch (error) {
      const isLocked = error instanceof AppError && error.code === 'password_needed';
      if (isLocked) put(key, { key, name, state: 'locked', uploadId, wasWrong: password !== undefined });
      else put(key, { key, name, state: 'refused', error: reportError(error) });
    }
  };

  return {
    text,
    setText,
    items,
    addFiles(files) {
      for (const file of files) {
        const key = newKey();
        setItems((before) => [...before, { key, name: file.name, state: 'adding' }]);
        uploadFile(file).then(
          (uploadId) => keep(key, uploadId, file.name),
          (error: unknown) => put(key, { key, name: file.name, state: 'refused', error: reportError(error) }),
        );
      }
    },
    addUploads(uploadIds) {
      for (const uploadId of uploadIds) {
        const key = newKey();
        setItems((before) => [...before, { key, name: '…', state: 'adding' }]);
        void keep(key, uploadId, '…');
      }
    },
    addAttachment(attachment, name) {
      const key = newKey();
      setItems((before) => [...before, { key, name, state: 'adding' }]);
      framesOf(attachment).then((frames) => {
        put(key, { key, name, state: 'ready', attachment, part: partFor(attachment, name, frames) });
      }, showFailure);
    },
    addPart(attachment, part) {
      setItems((before) => [...before, { key: newKey(), name: part.name, state: 'ready', attachment, part }]);
    },
    unlock(key, password) {
      const item = items.find((one) => one.key === key);
      if (item?.state !== 'locked') return;
      put(key, { key, name: item.name, state: 'adding' });
      void keep(key, item.uploadId, item.name, password);
    },
    changePart(key, part) {
      setItems((before) =>
        before.map((item) => (item.key === key && item.state === 'ready' ? { ...item, part } : item)),
      );
    },
    remove: (key) => setItems((before) => before.filter((item) => item.key !== key)),
    move: (from, to) => setItems((before) => moveItem(before, from, to)),
    clear() {
      setText('');
      setItems([]);
      api.saveDraft({ conversationId, parts: [] }).catch(showFailure);
    },
    fill,
  };
}

async function framesOf({ id, kind, durationMs }: Attachment): Promise<number[]> {
  if (kind !== 'film') return [];
  const { timesMs } = await api.sampleFrames({ id, count: usualFrames, startMs: 0, endMs: durationMs ?? 0 });
  return timesMs;
}
