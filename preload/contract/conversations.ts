/** Conversations as every border sees them: a tree of messages, of which one path is shown. */
import { z } from 'zod';
import { partSchema } from './attachments.ts';
import { appErrorCodes } from './errors.ts';
import { conversationIdSchema, folderIdSchema, messageIdSchema, tagIdSchema } from './ids.ts';
import { samplingSchema } from './settings.ts';
import { choiceSchema, taskSchema } from './tasks.ts';

const epochMs = z.int().nonnegative();
const title = z.string().max(500);

/** What happens when the context is full: refuse, or drop the oldest turns (system text and pictures stay). */
const contextPolicySchema = z.enum(['stop', 'dropOldest']);

export const conversationSchema = z.object({
  id: conversationIdSchema,
  title,
  /** `auto` titles follow the first question; a person's title never changes by itself. */
  titleFrom: z.enum(['auto', 'person']),
  pinned: z.boolean(),
  archived: z.boolean(),
  folderId: folderIdSchema.nullable(),
  tagIds: z.array(tagIdSchema),
  systemText: z.string().max(100_000).nullable(),
  sampling: samplingSchema,
  contextPolicy: contextPolicySchema,
  /** Answers begin with a `<think>` block, as the card's thinking mode asks for. Absent in older exports. */
  thinking: z.boolean().default(false),
  createdAtMs: epochMs,
  updatedAtMs: epochMs,
  /** Lives in memory only and is gone when the app quits. */
  temporary: z.boolean(),
});

/** What may be changed of a conversation. */
export const conversationPatchSchema = z.object({
  title: title.min(1).exactOptional(),
  pinned: z.boolean().exactOptional(),
  archived: z.boolean().exactOptional(),
  folderId: folderIdSchema.nullable().exactOptional(),
  tagIds: z.array(tagIdSchema).max(100).exactOptional(),
  systemText: z.string().max(100_000).nullable().exactOptional(),
  sampling: samplingSchema.exactOptional(),
  contextPolicy: contextPolicySchema.exactOptional(),
  thinking: z.boolean().exactOptional(),
});

/** Which conversations to list: newest change first, pinned before all. */
export const conversationFilterSchema = z.object({
  archived: z.boolean().default(false),
  folderId: folderIdSchema.nullable().exactOptional(),
  tagId: tagIdSchema.exactOptional(),
  /** From the page before. */
  cursor: z.string().max(100).nullable().default(null),
  limit: z.int().min(1).max(200).default(50),
});

export const conversationPageSchema = z.object({
  conversations: z.array(conversationSchema),
  nextCursor: z.string().nullable(),
});

/** Wall-clock figures and counts of one answer; names as in native-models/inference/generation-types.ts. */
const generationSchema = z.object({
  modelName: z.string().max(200),
  visionPrecision: z.string().max(20),
  decoderPrecision: z.string().max(20),
  device: z.string().max(200),
  seed: z.int().nonnegative(),
  stopReason: z.enum(['eos', 'length', 'stop-string', 'aborted', 'failed']),
  promptTokens: z.int().nonnegative(),
  visualTokens: z.int().nonnegative(),
  newTokens: z.int().nonnegative(),
  reusedPromptTokens: z.int().nonnegative(),
  visionMs: z.number().nonnegative(),
  prefillMs: z.number().nonnegative(),
  firstTokenMs: z.number().nonnegative(),
  decodeMs: z.number().nonnegative(),
  totalMs: z.number().nonnegative(),
  /** From the first word of a `<think>` block to its end; absent where there was none. */
  thinkingMs: z.number().nonnegative().exactOptional(),
  /** V2PE's δ, how far a visual token moves the position; absent without pictures. */
  visualPositionStep: z.number().gt(0).max(1).exactOptional(),
  /** Where the context was full: the oldest message that still took part, and how many before it did not. */
  context: z.object({ firstKeptId: messageIdSchema, droppedMessages: z.int().positive() }).exactOptional(),
});

/**
 * `streaming`: being written now. `stopped`: by the person, text kept. `interrupted`: the app or the engine died
 * meanwhile, text kept. `failed`: ended by an error, text kept.
 */
const messageStateSchema = z.enum(['complete', 'streaming', 'stopped', 'interrupted', 'failed']);

/** A fault as a person is told it. */
export const appErrorReportSchema = z.object({
  code: z.enum(appErrorCodes),
  message: z.string().max(2000),
  retryable: z.boolean(),
});

export const messageSchema = z.object({
  id: messageIdSchema,
  conversationId: conversationIdSchema,
  parentId: messageIdSchema.nullable(),
  role: z.enum(['user', 'assistant']),
  state: messageStateSchema,
  parts: z.array(partSchema),
  createdAtMs: epochMs,
  /** All children of the same parent in order of writing, this one included: the branches at this place. */
  siblingIds: z.array(messageIdSchema),
  /** Of the last generation that wrote to this message. */
  generation: generationSchema.nullable(),
  /** Why the answer ended early, where a fault did it. */
  failure: appErrorReportSchema.exactOptional(),
  /** Of a question: what it asks for besides words. */
  task: taskSchema.exactOptional(),
  /** Of an answer that is one of several: which was chosen, and why. */
  choice: choiceSchema.exactOptional(),
});

/** What an answer further down may point at. */
export const earlierQuestionSchema = messageSchema
  .pick({ id: true, task: true })
  /** Files only. */
  .extend({ parts: z.array(partSchema) });

/** A stretch of the shown path, oldest first. */
export const messagePageSchema = z.object({
  messages: z.array(messageSchema),
  /** Place of the first message on the path, from 0. */
  start: z.int().nonnegative(),
  /** Messages on the whole path. */
  total: z.int().nonnegative(),
});

/** What is being written and not yet sent, with the way it will be asked. */
export const draftSchema = z.object({
  parts: z.array(partSchema).max(200),
  task: taskSchema.exactOptional(),
  updatedAtMs: epochMs,
});

export const folderSchema = z.object({
  id: folderIdSchema,
  name: z.string().min(1).max(200),
  parentId: folderIdSchema.nullable(),
});

export const tagSchema = z.object({ id: tagIdSchema, name: z.string().min(1).max(100) });

/** Text cut so that hits can be marked without any markup in it. */
const snippetSchema = z.array(z.object({ text: z.string(), isHit: z.boolean() }));

export const searchQuerySchema = z.object({
  text: z.string().max(1000),
  conversationId: conversationIdSchema.exactOptional(),
  archived: z.enum(['without', 'with', 'only']).default('with'),
  cursor: z.string().max(100).nullable().default(null),
  limit: z.int().min(1).max(100).default(30),
});

/** A found message (jump to it with `messageId`), or a conversation found by its title (`messageId` null). */
const searchHitSchema = z.object({
  conversationId: conversationIdSchema,
  messageId: messageIdSchema.nullable(),
  title,
  role: z.enum(['user', 'assistant']).nullable(),
  createdAtMs: epochMs,
  snippet: snippetSchema,
});

export const searchPageSchema = z.object({
  hits: z.array(searchHitSchema),
  nextCursor: z.string().nullable(),
});

export const exportFormatSchema = z.enum(['markdown', 'json', 'html', 'zip']);

/** What an import did, in counts a person can be told. */
export const importReportSchema = z.object({
  source: z.enum(['internvl-desktop', 'chatgpt', 'lm-studio']),
  importedIds: z.array(conversationIdSchema),
  messages: z.int().nonnegative(),
  attachments: z.int().nonnegative(),
  /** Conversations that were here already. */
  alreadyThere: z.int().nonnegative(),
  /** One sentence for each thing left out, at most 100. */
  leftOut: z.array(z.string()),
});

export type Conversation = z.infer<typeof conversationSchema>;
export type ConversationPatch = z.infer<typeof conversationPatchSchema>;
export type ConversationFilter = z.input<typeof conversationFilterSchema>;
export type ConversationPage = z.infer<typeof conversationPageSchema>;
export type Generation = z.infer<typeof generationSchema>;
export type Message = z.infer<typeof messageSchema>;
export type MessagePage = z.infer<typeof messagePageSchema>;
export type EarlierQuestion = z.infer<typeof earlierQuestionSchema>;
export type Draft = z.infer<typeof draftSchema>;
export type Folder = z.infer<typeof folderSchema>;
export type Tag = z.infer<typeof tagSchema>;
export type Snippet = z.infer<typeof snippetSchema>;
export type SearchQuery = z.input<typeof searchQuerySchema>;
export type SearchPage = z.infer<typeof searchPageSchema>;
export type SearchHit = z.infer<typeof searchHitSchema>;
export type ExportFormat = z.infer<typeof exportFormatSchema>;
export type ImportReport = z.infer<typeof importReportSchema>;
