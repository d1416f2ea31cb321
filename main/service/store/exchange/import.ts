/** Imports our own exports and the archives of ChatGPT and LM Studio; finds out by content which one it is. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ImportReport } from '../../../../preload/contract/conversations.ts';
import { AppError } from '../../../../preload/contract/errors.ts';
import type { Store } from '../open-store.ts';
import type { ImportedConversation } from '../tree-import.ts';
import { type FoundFiles, storeArchivePictures, type WantedFile } from './archive-pictures.ts';
import { chatGptFileId, chatGptPictures, isChatGptConversation, readChatGpt } from './chatgpt.ts';
import { readJsonItems } from './json-items.ts';
import { isLmStudioConversation, lmStudioFileIds, lmStudioPictures, readLmStudio } from './lm-studio.ts';
import { fromDocument, importOwnZip, parseDocument } from './own.ts';
import { readZip } from './unzip.ts';
import { dropMissingFiles, emptyReport, writeOne } from './write-import.ts';
import { documentsEntry } from './zip.ts';

type Source = ImportReport['source'];

/** One conversation of an archive, as it was found. */
interface Item {
  json: unknown;
  source: Source;
  /** Of the file that it stands in. */
  fileName: string;
  /** Counted from 1. */
  number: number;
}

/**
 * Imports a file that a person chose. A conversation that is here already is counted and left alone; one that can't be
 * written is told, and the others come in. It is read twice: to the end before anything is written, and then one
 * conversation a turn, so that a large archive keeps nobody waiting. An abort leaves what came in so far.
 * @throws AppError `media_unsupported` for other files, `media_broken`, `media_too_large`, `disk_full`
 */
export async function importArchive(store: Store, path: string, signal?: AbortSignal): Promise<ImportReport> {
  const isArchive = await isZip(path);
  if (isArchive && (await listZip(path)).includes(documentsEntry)) return importOwnZip(store, path, signal);
  const { source, wanted } = await lookThrough(readItems(path, isArchive, signal));
  const { pictures, added } = isArchive
    ? await storeArchivePictures(store, path, { wanted, idsIn: fileIdsIn })
    : { pictures: new Map(), added: 0 };
  const report = { ...emptyReport(source), attachments: added };
  for await (const item of readItems(path, isArchive, signal)) {
    const conversation = readConversation(item, { pictures, leftOut: report.leftOut });
    if (conversation) writeOne(store, dropMissingFiles(store, conversation, report), report);
  }
  report.leftOut.splice(100);
  return report;
}

/** @throws AppError `media_unsupported` where an item is none of ours or of the known others */
async function lookThrough(
  items: AsyncIterable<Item>,
): Promise<{ source: Source; wanted: Map<string, WantedFile> }> {
  let first: Source | null = null;
  const wanted = new Map<string, WantedFile>();
  for await (const { json, source } of items) {
    first ??= source;
    if (source === 'internvl-desktop') parseDocument(json);
    const files = source === 'chatgpt' ? chatGptPictures(json) : lmStudioPictures(json);
    for (const file of files) wanted.set(file.id, file);
  }
  if (first === null) throw unsupported();
  return { source: first, wanted };
}

function fileIdsIn(entry: string): string[] {
  const chatGptId = chatGptFileId(entry);
  return [...lmStudioFileIds(entry), ...(chatGptId === null ? [] : [chatGptId])];
}

/** Null for one whose form is not known, which is told. */
function readConversation(
  { json, source, fileName, number }: Item,
  found: FoundFiles,
): ImportedConversation | null {
  if (source === 'internvl-desktop') return fromDocument(parseDocument(json));
  const read = source === 'chatgpt' ? readChatGpt(json, found) : readLmStudio(json, { ...found, fileName });
  const name = source === 'chatgpt' ? `Conversation ${number}` : `"${fileName.slice(0, 80)}"`;
  if (!read) found.leftOut.push(`${name} has a form that is not known and was left out.`);
  return read;
}

/** All conversations in the order of the file, each in a turn of its own. */
async function* readItems(
  path: string,
  isArchive: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item, void, void> {
  const documents = isArchive ? readZip(path, isForeignDocument) : [{ name: path, chunks: chunksOf(path) }];
  let source: Source | null = null;
  for await (const { name, chunks } of documents) {
    let number = 0;
    for await (const json of readJsonItems(chunks)) {
      signal?.throwIfAborted();
      // What can't be told in the middle of ChatGPT's list is a conversation of a form that is not known.
      source = sourceOf(json) ?? (source === 'chatgpt' ? source : null);
      if (source === null) throw unsupported();
      number += 1;
      yield { json, source, fileName: basename(name), number };
      await nextTurn();
    }
  }
}

function isForeignDocument(name: string): boolean {
  return /(^|\/)conversations(-\d+)?\.json$/.test(name) || name.endsWith('.conversation.json');
}

function sourceOf(json: unknown): Source | null {
  if (typeof json === 'object' && json !== null && 'format' in json) return 'internvl-desktop';
  if (isChatGptConversation(json)) return 'chatgpt';
  return isLmStudioConversation(json) ? 'lm-studio' : null;
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.readUInt32LE() === 0x04034b50;
  } finally {
    await file.close();
  }
}

async function listZip(path: string): Promise<string[]> {
  const names: string[] = [];
  const takeName = (name: string) => {
    names.push(name);
    return false;
  };
  for await (const _ of readZip(path, takeName));
  return names;
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  yield* file.createReadStream() as AsyncIterable<Uint8Array>;
}

function unsupported(): AppError {
  return new AppError(
    'media_unsupported',
    'This file is no export of InternVL Desktop, ChatGPT or LM Studio that this version can read.',
  );
}
