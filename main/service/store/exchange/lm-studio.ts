/**
 * LM Studio's conversation files (`*.conversation.json`): a list of messages, each with `versions` of which one is
 * `currentlySelected`; a version is a `singleStep` with content or a `multiStep` with content blocks. The format as its
 * readers know it: github.com/YorkieDev/lm-studio-conversation-converter, script.js (read 2026-11). A file is a part
 * `{type: "file", fileIdentifier, fileType}`; its bytes lie beside the conversations, in `user-files/<fileIdentifier>`
 * (tests of the public app MacResourceMonitor, AIStorageChatCollectorTests.swift, read 2026-11).
 */
import { z } from 'zod';
import type { Part } from '../../../../preload/contract/attachments.ts';
import type { ImportedConversation, ImportedMessage } from '../tree-import.ts';
import { baseName, type FoundFiles, type WantedFile } from './archive-pictures.ts';

const contentSchema = z.union([
  z.string(),
  z.array(
    z.object({ type: z.string(), text: z.string().nullish(), fileIdentifier: z.string().max(500).nullish() }),
  ),
]);

const versionSchema = z.object({
  type: z.string().nullish(),
  role: z.string(),
  content: contentSchema.nullish(),
  steps: z.array(z.object({ type: z.string(), content: contentSchema.nullish() })).nullish(),
});

const conversationSchema = z.object({
  name: z.string().nullish(),
  pinned: z.boolean().nullish(),
  createdAt: z.number().nullish(),
  systemPrompt: z.string().nullish(),
  messages: z
    .array(z.object({ versions: z.array(versionSchema).max(1000), currentlySelected: z.int().nullish() }))
    .max(100_000),
  perChatPredictionConfig: z
    .object({ fields: z.array(z.object({ key: z.string(), value: z.unknown() })).nullish() })
    .nullish(),
});

type Conversation = z.infer<typeof conversationSchema>;
type Version = z.infer<typeof versionSchema>;
type Content = z.infer<typeof contentSchema> | null | undefined;

export function isLmStudioConversation(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || !('messages' in json)) return false;
  const messages: unknown = json.messages;
  return (
    Array.isArray(messages) && messages.every((m) => typeof m === 'object' && m !== null && 'versions' in m)
  );
}

/** The ids that conversations may know an entry of the archive by. */
export function lmStudioFileIds(entry: string): string[] {
  return /(^|\/)user-files\/[^/]+$/.test(entry) ? [baseName(entry)] : [];
}

/** The files that a conversation points to; which of them are pictures, their bytes say. */
export function lmStudioPictures(json: unknown): WantedFile[] {
  const parsed = conversationSchema.safeParse(json);
  if (!parsed.success) return [];
  const versions = parsed.data.messages.flatMap((message) => message.versions);
  return versions
    .flatMap(filesOf)
    .flatMap((id) => (id === null ? [] : [{ id, widthPx: null, heightPx: null }]));
}

/**
 * Null for a form that is not known.
 * @param fileName stands in for a missing name
 */
export function readLmStudio(
  json: unknown,
  { fileName, ...found }: FoundFiles & { fileName: string },
): ImportedConversation | null {
  const parsed = conversationSchema.safeParse(json);
  if (!parsed.success) return null;
  const title = (parsed.data.name ?? fileName.replace(/\.conversation\.json$/, '')).slice(0, 500);
  const createdAtMs = Math.max(0, Math.round(parsed.data.createdAt ?? Date.now()));
  const { messages, shownName } = readMessages(parsed.data, { ...found, createdAtMs });
  tellMissingFiles(parsed.data, { ...found, title });
  return {
    id: null,
    title,
    titleFrom: 'person',
    pinned: parsed.data.pinned ?? false,
    archived: false,
    systemText: systemTextOf(parsed.data),
    sampling: {},
    contextPolicy: 'stop',
    createdAtMs,
    updatedAtMs: createdAtMs,
    tags: [],
    folderPath: [],
    messages,
    shownName,
  };
}

/** Versions of a message are siblings; what follows hangs below the selected one. */
function readMessages(
  conversation: Conversation,
  { pictures, createdAtMs }: Pick<FoundFiles, 'pictures'> & { createdAtMs: number },
) {
  const messages: ImportedMessage[] = [];
  let parentName: string | null = null;
  for (const [place, { versions, currentlySelected }] of conversation.messages.entries()) {
    let selected: string | null = null;
    for (const [index, version] of versions.entries()) {
      if (version.role !== 'user' && version.role !== 'assistant') continue;
      const name = `${place}.${index}`;
      const files = filesOf(version);
      const shown = files.flatMap((id) => pictures.get(id ?? '') ?? []);
      const text = textOfVersion(version) || (files.length > shown.length ? '[file]' : '');
      const parts: Part[] = [
        ...shown.map((picture): Part => ({ type: 'picture', ...picture, detail: 'balanced' })),
        ...(text === '' ? [] : [{ type: 'text' as const, text }]),
      ];
      messages.push({
        name,
        parentName,
        id: null,
        role: version.role,
        state: 'complete',
        createdAtMs,
        parts,
        generation: null,
      });
      if (index === (currentlySelected ?? 0) || selected === null) selected = name;
    }
    parentName = selected ?? parentName;
  }
  return { messages, shownName: parentName };
}

/** A conversation's own file can't bring its files along; an archive may, and then its pictures come in. */
function tellMissingFiles(
  { messages }: Conversation,
  { pictures, leftOut, title }: FoundFiles & { title: string },
): void {
  const files = messages.flatMap(({ versions }) => versions.flatMap(filesOf));
  const missing = files.filter((id) => !pictures.has(id ?? '')).length;
  if (missing === 0) return;
  const what = `${missing} ${missing === 1 ? 'file' : 'files'} of "${title.slice(0, 60)}".`;
  const how = 'Pictures come along in a zip of LM Studio’s folders “conversations” and “user-files”.';
  leftOut.push(pictures.size === 0 ? `${what} ${how}` : what);
}

/** Identifiers of the files in a version, null where one has none. */
function filesOf({ content, steps }: Version): (string | null)[] {
  return [content, ...(steps ?? []).map((step) => step.content)]
    .flatMap((one) => (Array.isArray(one) ? one : []))
    .flatMap(({ type, fileIdentifier }) => (type === 'file' ? [fileIdentifier ?? null] : []));
}

function textOfVersion(version: Version): string {
  const blocks = version.steps
    ?.filter(({ type }) => type === 'contentBlock')
    .map(({ content }) => textOfContent(content));
  return (blocks ?? [textOfContent(version.content)]).filter((text) => text !== '').join('\n\n');
}

function textOfContent(content: Content): string {
  if (typeof content === 'string') return content;
  return (content ?? []).flatMap(({ type, text }) => (type === 'text' && text ? [text] : [])).join('\n');
}

function systemTextOf(conversation: Conversation): string | null {
  const field = conversation.perChatPredictionConfig?.fields?.find(
    ({ key }) => key === 'llm.prediction.systemPrompt',
  );
  const text = typeof field?.value === 'string' ? field.value : (conversation.systemPrompt ?? '');
  return text === '' ? null : text.slice(0, 100_000);
}
