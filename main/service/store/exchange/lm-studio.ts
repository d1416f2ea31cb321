/**
 * LM Studio's conversation files (`*.conversation.json`): a list of messages, each with `versions` of which one is
 * `currentlySelected`; a version is a `singleStep` with content or a `multiStep` with content blocks. The format as its
 * readers know it: github.com/YorkieDev/lm-studio-conversation-converter, script.js (read 2026-11).
 */
import { z } from 'zod';
import type { ImportedConversation, ImportedMessage } from '../tree-import.ts';
import type { ReadArchive } from './write-import.ts';

const contentSchema = z.union([
  z.string(),
  z.array(z.object({ type: z.string(), text: z.string().nullish() })),
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
type Content = z.infer<typeof contentSchema> | null | undefined;

export function isLmStudioConversation(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || !('messages' in json)) return false;
  const messages: unknown = json.messages;
  return (
    Array.isArray(messages) && messages.every((m) => typeof m === 'object' && m !== null && 'versions' in m)
  );
}

/** @param fileName stands in for a missing name */
export function readLmStudio(json: unknown, fileName: string): ReadArchive {
  const leftOut: string[] = [];
  const parsed = conversationSchema.safeParse(json);
  if (!parsed.success) {
    leftOut.push(`"${fileName.slice(0, 80)}" has a form that is not known and was left out.`);
    return { source: 'lm-studio', conversations: [], leftOut };
  }
  const title = (parsed.data.name ?? fileName.replace(/\.conversation\.json$/, '')).slice(0, 500);
  const createdAtMs = Math.max(0, Math.round(parsed.data.createdAt ?? Date.now()));
  const { messages, shownName } = readMessages(parsed.data, createdAtMs);
  const files = countFiles(parsed.data);
  if (files > 0) leftOut.push(`${files} ${files === 1 ? 'file' : 'files'} of "${title.slice(0, 60)}".`);
  const conversation: ImportedConversation = {
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
  return { source: 'lm-studio', conversations: [conversation], leftOut };
}

/** Versions of a message are siblings; what follows hangs below the selected one. */
function readMessages(conversation: Conversation, createdAtMs: number) {
  const messages: ImportedMessage[] = [];
  let parentName: string | null = null;
  for (const [place, { versions, currentlySelected }] of conversation.messages.entries()) {
    let selected: string | null = null;
    for (const [index, version] of versions.entries()) {
      if (version.role !== 'user' && version.role !== 'assistant') continue;
      const name = `${place}.${index}`;
      const text = textOfVersion(version);
      const parts = text === '' ? [] : [{ type: 'text' as const, text }];
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

/** Its files lie elsewhere on the disk, so a conversation's file can't bring them along. */
function countFiles({ messages }: Conversation): number {
  const blocks = messages
    .flatMap(({ versions }) => versions)
    .flatMap(({ content, steps }) => [content, ...(steps ?? []).map((step) => step.content)])
    .flatMap((content) => (Array.isArray(content) ? content : []));
  return blocks.filter(({ type }) => type === 'file').length;
}

function textOfVersion(version: z.infer<typeof versionSchema>): string {
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
