/** The question being written: words and files, kept as a draft while they change. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Attachment, Part } from '../../../preload/contract/attachments.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import type { UploadId } from '../../../preload/contract/uploads.ts';
import { api, uploadFile } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import { attachmentAsItem, partsAsItems, uploadAsItem } from './fill-tray.ts';
import { type FilePart, moveItem, partsOf, putItem, type TrayItem } from './tray.ts';

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
  /** Another file in the place of one. */
  swap(key: string, file: File): void;
  remove(key: string): void;
  move(from: number, to: number): void;
  /** Empties it and forgets the draft, after the question is on the disk. */
  clear(): void;
  /** Shows parts instead of the draft, as when a question is edited; `restore` brings the draft back. */
  fill(parts: readonly Part[]): Promise<void>;
  restore(): void;
  /** The conversation that is begun by this question exists now: what is written moves into it. */
  adopt(id: ConversationId): void;
}

const saveAfterMs = 400;
let lastKey = 0;
const newKey = () => `file-${++lastKey}`;

export function useComposer(conversationId: ConversationId | null, isTemporary: boolean): Composer {
  const [text, setText] = useState('');
  const [items, setItems] = useState<readonly TrayItem[]>([]);
  /** Whose draft is shown. `undefined`: not begun. */
  const place = useRef<ConversationId | null | undefined>(undefined);
  /** Drafts are kept once they are read, and not while an earlier question is edited. */
  const isKept = useRef(false);
  const isTouched = useRef(false);
  const isAdopted = useRef(false);

  const put = useCallback((next: TrayItem) => setItems((before) => putItem(before, next)), []);
  const show = useCallback(async (parts: readonly Part[], isStill: () => boolean) => {
    const known = await partsAsItems(parts, newKey);
    if (!isStill()) return;
    setText(parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'));
    setItems(known);
  }, []);
  const readDraft = useCallback(
    (id: ConversationId | null) => {
      isKept.current = false;
      isTouched.current = false;
      setText('');
      setItems([]);
      const isStill = () => place.current === id && !isTouched.current;
      api
        .getDraft({ conversationId: id })
        .then(({ draft }) => (draft ? show(draft.parts, isStill) : undefined))
        .catch(() => {}) // a draft that can't be read must not keep a person from writing
        .finally(() => {
          if (place.current === id) isKept.current = true;
        });
    },
    [show],
  );
  useEffect(() => {
    if (place.current === conversationId) return;
    place.current = conversationId;
    readDraft(conversationId);
  }, [conversationId, readDraft]);
  useEffect(() => {
    if (!isKept.current) return;
    const timer = setTimeout(() => {
      const parts = partsOf(items, text);
      api.saveDraft({ conversationId, parts }).catch(() => {}); // the next change tries again
    }, saveAfterMs);
    return () => clearTimeout(timer);
  }, [text, items, conversationId]);

  const keep = async (key: string, upload: { id: UploadId; name: string; password?: string }) => {
    put(await uploadAsItem(key, upload, isTemporary ? conversationId : null));
  };
  const begin = (name: string): string => {
    isTouched.current = true;
    const key = newKey();
    put({ key, name, state: 'adding' });
    return key;
  };
  const bring = (key: string, file: File) => {
    uploadFile(file).then(
      (id) => keep(key, { id, name: file.name }),
      (error: unknown) => put({ key, name: file.name, state: 'refused', error }),
    );
  };

  return {
    text,
    setText(next) {
      isTouched.current = true;
      setText(next);
    },
    items,
    addFiles(files) {
      for (const file of files) bring(begin(file.name), file);
    },
    addUploads(uploadIds) {
      for (const id of uploadIds) void keep(begin('…'), { id, name: '…' });
    },
    addAttachment(attachment, name) {
      const key = begin(name);
      attachmentAsItem(key, attachment, name).then(put, (error: unknown) =>
        put({ key, name, state: 'refused', error }),
      );
    },
    addPart(attachment, part) {
      put({ key: begin(part.name), name: part.name, state: 'ready', attachment, part });
    },
    unlock(key, password) {
      const item = items.find((one) => one.key === key);
      if (item?.state !== 'locked') return;
      put({ key, name: item.name, state: 'adding' });
      void keep(key, { id: item.uploadId, name: item.name, password });
    },
    changePart(key, part) {
      setItems((before) =>
        before.map((item) => (item.key === key && item.state === 'ready' ? { ...item, part } : item)),
      );
    },
    swap(key, file) {
      put({ key, name: file.name, state: 'adding' });
      bring(key, file);
    },
    remove: (key) => setItems((before) => before.filter((item) => item.key !== key)),
    move: (from, to) => setItems((before) => moveItem(before, from, to)),
    clear() {
      setText('');
      setItems([]);
      isTouched.current = false;
      isKept.current = true;
      // The draft that it was begun as keeps its files alive until the question has them.
      const places = isAdopted.current ? [null, place.current ?? null] : [place.current ?? null];
      isAdopted.current = false;
      for (const id of places) api.saveDraft({ conversationId: id, parts: [] }).catch(showFailure);
    },
    async fill(parts) {
      isKept.current = false;
      await show(parts, () => true);
    },
    restore: () => readDraft(place.current ?? null),
    adopt(id) {
      place.current = id;
      isAdopted.current = true;
    },
  };
}
