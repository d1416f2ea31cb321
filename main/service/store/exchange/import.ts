/** Imports our own exports and the archives of ChatGPT and LM Studio; finds out by content which one it is. */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ImportReport } from '../../../../preload/contract/conversations.ts';
import { AppError } from '../../../../preload/contract/errors.ts';
import type { Store } from '../open-store.ts';
import { type ArchivePicture, storeArchivePictures, type WantedFile } from './archive-pictures.ts';
import { chatGptFileId, chatGptPictures, isChatGptExport, readChatGpt } from './chatgpt.ts';
import { documentFormat, documentSchema } from './document.ts';
import { parseJson, readText } from './json-text.ts';
import { isLmStudioConversation, readLmStudio } from './lm-studio.ts';
import { fromDocument, importOwnZip } from './own.ts';
import { readZip } from './unzip.ts';
import { dropMissingFiles, emptyReport, type ReadArchive, writeOne } from './write-import.ts';
import { documentsEntry } from './zip.ts';

/**
 * Imports a file that a person chose. A conversation that is here already is counted and left alone; one that can't be
 * written is told, and the others come in. An abort leaves what came in so far.
 * @throws AppError `media_unsupported` for other files, `media_broken`, `media_too_large`, `disk_full`
 */
export async function importArchive(store: Store, path: string, signal?: AbortSignal): Promise<ImportReport> {
  if (!(await isZip(path))) {
    const { size } = await stat(path);
    const text = await readText(chunksOf(path), size);
    return write(store, [readDocument(parseDocument(text), basename(path), new Map())], { signal, added: 0 });
  }
  const names = await listZip(path);
  if (names.includes(documentsEntry)) return importOwnZip(store, path, signal);
  const documents: { name: string; json: unknown }[] = [];
  for await (const entry of readZip(path, isForeignDocument)) {
    documents.push({ name: basename(entry.name), json: parseDocument(await readText(entry.chunks)) });
    signal?.throwIfAborted();
  }
  if (documents.length === 0) throw unsupported();
  const wanted = new Map<string, WantedFile>();
  for (const { json } of documents) {
    if (!isChatGptExport(json)) continue;
    for (const [id, file] of await chatGptPictures(json)) wanted.set(id, file);
  }
  const { pictures, added } = await storeArchivePictures(store, path, { wanted, nameOf: chatGptFileId });
  signal?.throwIfAborted();
  const archives = documents.map(({ name, json }) => readDocument(json, name, pictures));
  return write(store, archives, { signal, added });
}

function isForeignDocument(name: string): boolean {
  return /(^|\/)conversations(-\d+)?\.json$/.test(name) || name.endsWith('.conversation.json');
}

/** One JSON document, or several of ours, one a line. */
function parseDocument(text: string): unknown {
  const first = text.trimStart().split('\n', 1)[0] ?? '';
  const hasLines =
    first.startsWith('{') && first.includes(`"${documentFormat}"`) && text.trim() !== first.trim();
  if (!hasLines) return parseJson(text);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return { format: documentFormat, documents: lines.map(parseJson) };
}

function readDocument(
  json: unknown,
  name: string,
  pictures: ReadonlyMap<string, ArchivePicture>,
): ReadArchive {
  if (typeof json === 'object' && json !== null && 'format' in json)
    return readOwn('documents' in json && Array.isArray(json.documents) ? json.documents : [json]);
  if (isChatGptExport(json)) return readChatGpt(json, pictures);
  if (isLmStudioConversation(json)) return readLmStudio(json, name);
  throw unsupported();
}

function readOwn(documents: unknown[]): ReadArchive {
  const conversations = documents.map((document) => {
    const parsed = documentSchema.safeParse(document);
    if (!parsed.success) throw unsupported();
    return fromDocument(parsed.data);
  });
  return { source: 'internvl-desktop', conversations, leftOut: [] };
}

/** A conversation a turn, so that a large archive does not keep others waiting. */
async function write(
  store: Store,
  archives: readonly ReadArchive[],
  { signal, added }: { signal: AbortSignal | undefined; added: number },
): Promise<ImportReport> {
  const report = { ...emptyReport(archives[0]!.source), attachments: added };
  for (const { conversations, leftOut } of archives) {
    for (const conversation of conversations) {
      signal?.throwIfAborted();
      writeOne(store, dropMissingFiles(store, conversation, report), report);
      await nextTurn();
    }
    report.leftOut.push(...leftOut);
  }
  report.leftOut.splice(100);
  return report;
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
