/** The question being written: words, files and what it asks for, kept as a draft while they change. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Attachment } from '../../../preload/contract/attachments.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import type { Task } from '../../../preload/contract/tasks.ts';
import type { UploadId } from '../../../preload/contract/uploads.ts';
import { api, uploadFile } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import { attachmentAsItem, partAsItem, uploadAsItem } from './fill-tray.ts';
import { type FilePart, filesOf, moveItem, partsOf, putItem, type TrayItem, wordsOf } from './tray.ts';
import { addToDraft, useDraftSaving, type Written } from './use-draft-saving.ts';

export interface Composer {
  text: string;
  setText(text: string): void;
  /** What it asks for besides words; null for most. */
  task: Task | null;
  setTask(task: Task | null): void;
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
  /** Takes out what was sent, after the question is on the disk; what was written meanwhile stays. */
  takeOut(sent: { text: string; items: readonly TrayItem[] }): void;
  /** Shows another question instead of the draft, as when one is edited; `restore` brings the draft back. */
  fill(question: Written): void;
  restore(): void;
  /** The conversation that is begun by this question exists now: what is written moves into it. */
  adopt(id: ConversationId): void;
}

let lastKey = 0;
const newKey = () => `file-${++lastKey}`;

/** @param keepsInMemory files of this conversation must not touch the disk */
export function useComposer(conversationId: ConversationId | null, keepsInMemory: boolean): Composer {
  const [text, setText] = useState('');
  const [items, setItems] = useState<readonly TrayItem[]>([]);
  const [task, setTask] = useState<Task | null>(null);
  /** Whose draft is shown. `undefined`: not begun, or left for good. */
  const place = useRef<ConversationId | null | undefined>(undefined);
  /** Drafts are kept once they are read, and not while an earlier question is edited. */
  const [isKept, setKept] = useState(false);
  /** Only what a person changed is written back: another window may know a newer draft. */
  const isTouched = useRef(false);
  const isAdopted = useRef(false);

  const put = useCallback((next: TrayItem) => setItems((before) => putItem(before, next)), []);
  const show = useCallback((written: Written, known: readonly TrayItem[]) => {
    setText(wordsOf(written.parts));
    setItems(known);
    setTask(written.task ?? null);
  }, []);
  const readDraft = useCallback(
    (id: ConversationId | null) => {
      setKept(false);
      isTouched.current = false;
      show({ parts: [] }, []);
      api
        .getDraft({ conversationId: id })
        .then(async ({ draft }) => {
          if (!draft) return;
          const known = await Promise.all(filesOf(draft.parts).map((part) => partAsItem(newKey(), part)));
          if (place.current === id && !isTouched.current) show(draft, known);
        })
        .catch(() => {}) // a draft that can't be read must not keep a person from writing
        .finally(() => {
          if (place.current === id) setKept(true);
        });
    },
    [show],
  );
  useEffect(() => {
    if (place.current === conversationId) return;
    place.current = conversationId;
    readDraft(conversationId);
  }, [conversationId, readDraft]);
  useEffect(
    () => () => {
      place.current = undefined;
    },
    [],
  );
  const written = useMemo(
    () => (isKept && isTouched.current ? { parts: partsOf(items, text), ...(task && { task }) } : null),
    [isKept, items, text, task],
  );
  useDraftSaving(conversationId, written);

  const change = (next: (before: readonly TrayItem[]) => readonly TrayItem[]) => {
    isTouched.current = true;
    setItems(next);
  };
  const keep = async (key: string, upload: { id: UploadId; name: string; password?: string }) => {
    deliver(await uploadAsItem(key, upload, conversationId));
  };
  /** A file may need longer than a person stays: then it waits where it was added. */
  const deliver = (item: TrayItem) => {
    if (place.current === conversationId) put(item);
    else if (item.state === 'ready') addToDraft(conversationId, item.part).catch(showFailure);
    else if (item.state === 'refused') showFailure(item.error);
  };
  const begin = (name: string): string => {
    const key = newKey();
    change((before) => putItem(before, { key, name, state: 'adding' }));
    return key;
  };
  const bring = (key: string, file: File) => {
    uploadFile(file, { inMemory: keepsInMemory }).then(
      (id) => keep(key, { id, name: file.name }),
      (error: unknown) => deliver({ key, name: file.name, state: 'refused', error }),
    );
  };

  return {
    text,
    setText(next) {
      isTouched.current = true;
      setText(next);
    },
    task,
    setTask(next) {
      isTouched.current = true;
      setTask(next);
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
      change((before) =>
        before.map((item) => (item.key === key && item.state === 'ready' ? { ...item, part } : item)),
      );
    },
    swap(key, file) {
      change((before) => putItem(before, { key, name: file.name, state: 'adding' }));
      bring(key, file);
    },
    remove: (key) => change((before) => before.filter((item) => item.key !== key)),
    move: (from, to) => change((before) => moveItem(before, from, to)),
    takeOut(sent) {
      change((before) => before.filter(({ key }) => !sent.items.some((item) => item.key === key)));
      setText((now) => (now.startsWith(sent.text) ? now.slice(sent.text.length) : now));
      setTask(null);
      setKept(true);
      // The draft that it was begun as keeps its files alive until the question has them.
      const places = isAdopted.current ? [null, place.current ?? null] : [place.current ?? null];
      isAdopted.current = false;
      for (const id of places) api.saveDraft({ conversationId: id, parts: [] }).catch(showFailure);
    },
    fill(question) {
      setKept(false);
      const files = filesOf(question.parts).map((part) => ({ key: newKey(), part }));
      // At once, so that nothing that a person writes from now on is overwritten, and nothing is sent without its files.
      show(
        question,
        files.map(({ key, part }) => ({ key, name: part.name, state: 'adding' })),
      );
      for (const { key, part } of files) void partAsItem(key, part).then(put);
    },
    restore: () => readDraft(place.current ?? null),
    adopt(id) {
      place.current = id;
      isAdopted.current = true;
    },
  };
}
