/**
 * ChatGPT's data export, `conversations.json`: a list of conversations, each a `mapping` from node id to
 * {message, parent, children} with `current_node` as the end of the shown path. The format is described by its readers:
 * github.com/mitkury/chatgpt-export-parser, docs/chatgpt-data-export-format.md (read 2026-11). A picture is a part with an
 * `asset_pointer` such as `file-service://file-AbCd` or `sediment://file_00ef`; its file lies
 * anywhere in the zip under a name with the same `file-AbCd` (github.com/jamesmoore/chatgpt-export,
 * ChatGPTExport/Assets/AssetLocator.cs, read 2026-11).
 */
import { z } from 'zod';
import type { Part } from '../../../../preload/contract/attachments.ts';
import type { ImportedConversation, ImportedMessage } from '../tree-import.ts';
import { baseName, type FoundFiles, type WantedFile } from './archive-pictures.ts';

/** Only what is used; everything else may come and go with ChatGPT's versions. */
const nodeSchema = z.object({
  parent: z.string().nullish(),
  message: z
    .object({
      author: z.object({ role: z.string() }),
      create_time: z.number().nullish(),
      recipient: z.string().nullish(),
      content: z.object({
        content_type: z.string(),
        parts: z.array(z.unknown()).nullish(),
        text: z.string().nullish(),
      }),
      metadata: z.object({ is_visually_hidden_from_conversation: z.boolean().nullish() }).nullish(),
    })
    .nullish(),
});

const conversationSchema = z.object({
  title: z.string().nullish(),
  create_time: z.number().nullish(),
  update_time: z.number().nullish(),
  is_archived: z.boolean().nullish(),
  current_node: z.string().nullish(),
  mapping: z.record(z.string(), nodeSchema),
});

const picturePartSchema = z.object({
  content_type: z.literal('image_asset_pointer'),
  asset_pointer: z.string(),
  width: z.int().positive().nullish(),
  height: z.int().positive().nullish(),
});

type Node = z.infer<typeof nodeSchema>;

/** `file-AbCd` in a pointer, or at the beginning of a file's name. */
const fileId = /^file[-_][A-Za-z0-9]+/;

/** The id in an entry's name; null for other files. */
export function chatGptFileId(entry: string): string | null {
  return fileId.exec(baseName(entry))?.[0] ?? null;
}

/** The pictures that a conversation points to. */
export function chatGptPictures(json: unknown): WantedFile[] {
  const parsed = conversationSchema.safeParse(json);
  const nodes = parsed.success ? Object.values(parsed.data.mapping) : [];
  const parts = nodes.flatMap(({ message }) => message?.content.parts ?? []);
  return parts.flatMap((part) => readPicturePart(part) ?? []);
}

function readPicturePart(part: unknown): WantedFile | null {
  const { data } = picturePartSchema.safeParse(part);
  const id = data && fileId.exec(data.asset_pointer.replace(/^[a-z-]+:\/\//, ''))?.[0];
  return id ? { id, widthPx: data.width ?? null, heightPx: data.height ?? null } : null;
}

export function isChatGptConversation(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'mapping' in json;
}

/** Null for a form that is not known. */
export function readChatGpt(json: unknown, found: FoundFiles): ImportedConversation | null {
  const parsed = conversationSchema.safeParse(json);
  if (!parsed.success) return null;
  const conversation = parsed.data;
  const title = conversation.title?.slice(0, 500) ?? '';
  const nodes = new Map(Object.entries(conversation.mapping));
  const kept = new Map(
    [...nodes].flatMap(([name, node]) => {
      const message = readMessage(name, node, { ...found, title });
      return message ? [[name, message] as const] : [];
    }),
  );
  const findAncestor = ancestorFinder(nodes, kept);
  for (const message of kept.values()) message.parentName = findAncestor(message.name);
  const current = conversation.current_node ?? null;
  const createdAtMs = toMs(conversation.create_time) ?? Date.now();
  return {
    id: null,
    title,
    titleFrom: title === '' ? 'auto' : 'person',
    pinned: false,
    archived: conversation.is_archived ?? false,
    systemText: null,
    sampling: {},
    contextPolicy: 'stop',
    createdAtMs,
    updatedAtMs: toMs(conversation.update_time) ?? createdAtMs,
    tags: [],
    folderPath: [],
    messages: parentsFirst(kept),
    // A tool's node may be the end; then it is the message above.
    shownName: current !== null && !kept.has(current) ? findAncestor(current) : current,
  };
}

/** Null for placeholders, system texts, tool traffic and empty messages, whose children then follow the next above. */
function readMessage(
  name: string,
  node: Node,
  { leftOut, pictures, title }: FoundFiles & { title: string },
): ImportedMessage | null {
  const message = node.message;
  const role = message?.author.role;
  if (!message || (role !== 'user' && role !== 'assistant')) return null;
  if (message.metadata?.is_visually_hidden_from_conversation) return null;
  if (message.recipient && message.recipient !== 'all') return null;
  const { content_type, text } = message.content;
  if (content_type !== 'text' && content_type !== 'multimodal_text') return null;
  const given = message.content.parts ?? [text];
  const shown = given.flatMap((part) => pictures.get(readPicturePart(part)?.id ?? '') ?? []);
  const words = given.filter((part): part is string => typeof part === 'string' && part !== '');
  const missing = given.filter((part) => typeof part === 'object' && part !== null).length - shown.length;
  if (missing > 0) {
    leftOut.push(
      `${missing} ${missing === 1 ? 'picture or file' : 'pictures or files'} of "${title.slice(0, 60)}".`,
    );
  }
  if (words.length === 0 && shown.length === 0 && missing === 0) return null;
  const said = words.join('\n\n') || (shown.length === 0 ? '[picture]' : '');
  return {
    name,
    parentName: null,
    id: null,
    role,
    state: 'complete',
    createdAtMs: toMs(message.create_time) ?? 0,
    parts: [
      ...shown.map((picture): Part => ({ type: 'picture', ...picture, detail: 'balanced' })),
      ...(said === '' ? [] : [{ type: 'text' as const, text: said }]),
    ],
    generation: null,
  };
}

type FindAncestor = (name: string) => string | null;

/** Finds the nearest kept message above; null at the top and where parents form a circle. Remembers, so n nodes cost n. */
function ancestorFinder(nodes: Map<string, Node>, kept: Map<string, ImportedMessage>): FindAncestor {
  const known = new Map<string, string | null>();
  return (name) => {
    const seen = new Set([name]);
    let at = nodes.get(name)?.parent ?? null;
    while (at !== null && !seen.has(at) && !kept.has(at) && !known.has(at)) {
      seen.add(at);
      at = nodes.get(at)?.parent ?? null;
    }
    const found = at === null ? null : kept.has(at) ? at : (known.get(at) ?? null);
    for (const node of seen) if (!kept.has(node)) known.set(node, found);
    return found === name ? null : found;
  };
}

/** Orders messages so that a parent stands before its children, and opens circles at their first message. */
function parentsFirst(kept: Map<string, ImportedMessage>): ImportedMessage[] {
  const ordered = new Set<ImportedMessage>();
  for (const message of kept.values()) {
    const chain: ImportedMessage[] = [];
    const onChain = new Set<ImportedMessage>();
    let at: ImportedMessage | undefined = message;
    while (at && !ordered.has(at)) {
      chain.push(at);
      onChain.add(at);
      const parent: ImportedMessage | undefined =
        at.parentName === null ? undefined : kept.get(at.parentName);
      if (parent && onChain.has(parent)) {
        at.parentName = null;
        break;
      }
      at = parent;
    }
    for (const link of chain.reverse()) ordered.add(link);
  }
  return [...ordered];
}

/** Seconds since 1970, with a fraction. */
function toMs(seconds: number | null | undefined): number | null {
  return seconds && seconds > 0 && seconds < 1e11 ? Math.round(seconds * 1000) : null;
}
