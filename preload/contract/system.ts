/** The app itself: what it can do here, what happens in it, its settings, its store, and the few powers of the shell. */
import { z } from 'zod';
import { type Contract, call, stream } from './define.ts';
import { conversationIdSchema, messageIdSchema } from './ids.ts';
import { modelJobSchema } from './model-jobs.ts';
import { modelStateSchema } from './models.ts';
import { settingsPatchSchema, settingsSchema } from './settings.ts';
import { uploadIdSchema } from './uploads.ts';

const nothing = z.object({});

/** `damaged` can be repaired; in every state but `ready` conversations can be neither read nor written. */
const storeStateSchema = z.enum(['ready', 'damaged', 'newer', 'read-only', 'disk-full', 'in-use']);

const appDescriptionSchema = z.object({
  version: z.string(),
  host: z.enum(['electron', 'headless']),
  platform: z.enum(['win32', 'darwin', 'linux', 'other']),
  store: storeStateSchema,
  /** Answers that the last end of the app cut off. */
  interruptedAnswers: z.int().nonnegative(),
  /** What the shell can do here. */
  can: z.object({ chooseFolders: z.boolean(), captureRegion: z.boolean(), openLinks: z.boolean() }),
});

/** What happens without being asked for; a page that sees them never needs to poll. */
export const appEventSchema = z.discriminatedUnion('type', [
  /** Null: many. */
  z.object({
    type: z.literal('conversations-changed'),
    conversationId: conversationIdSchema.nullable(),
  }),
  z.object({ type: z.literal('settings-changed'), settings: settingsSchema }),
  z.object({ type: z.literal('models-changed') }),
  /** It was turned on or off, or has a new token: `describeApiServer` tells. */
  z.object({ type: z.literal('api-server-changed') }),
  z.object({ type: z.literal('model-state'), model: modelStateSchema }),
  /** Downloads, imports and moves, all of them; several times a second while one runs. */
  z.object({ type: z.literal('model-jobs'), jobs: z.array(modelJobSchema) }),
  z.object({
    type: z.literal('answer-started'),
    conversationId: conversationIdSchema,
    messageId: messageIdSchema,
  }),
  z.object({
    type: z.literal('answer-ended'),
    conversationId: conversationIdSchema,
    messageId: messageIdSchema,
  }),
  /** A critic reads the candidates of a conversation, to choose among them; null: it does so no more. */
  z.object({
    type: z.literal('critic-reading'),
    conversationId: conversationIdSchema,
    critic: z.string().max(200).nullable(),
  }),
  /** From "open with", the command line or the screenshot hotkey: to be added to the draft. */
  z.object({ type: z.literal('files-offered'), uploadIds: z.array(uploadIdSchema) }),
  /** From a link or a notification. */
  z.object({
    type: z.literal('show-conversation'),
    conversationId: conversationIdSchema,
    messageId: messageIdSchema.nullable(),
  }),
  /** From the menu or tray. */
  z.object({
    type: z.literal('command'),
    command: z.enum([
      'new-conversation',
      'search',
      'palette',
      'settings',
      'models',
      'export',
      'import',
      'toggle-sidebar',
    ]),
  }),
  /** A part of the app ended unexpectedly and came back, or did not. */
  z.object({ type: z.literal('process-ended'), name: z.string(), restarting: z.boolean() }),
  /** A GPU failed at its work: the CPU goes on, now and later. */
  z.object({ type: z.literal('device-failed'), device: z.string().max(200) }),
]);

export const systemContract = {
  describeApp: call(nothing, appDescriptionSchema),
  /** Begins with the model's state, then tells what happens, until it is left. */
  watchApp: stream(nothing, appEventSchema),
  getSettings: call(nothing, settingsSchema),
  updateSettings: call(z.object({ patch: settingsPatchSchema }), settingsSchema),
  /** What the disk keeps of pictures and conversations that the model has read, so that it need not read them again. */
  measureCaches: call(nothing, z.object({ sizeBytes: z.number().nonnegative() })),
  clearCaches: call(nothing, nothing),
  /** Keeps the damaged file aside and recovers what can be read. */
  repairStore: call(nothing, z.object({ recoveredMessages: z.int().nonnegative(), sentence: z.string() })),
  /** Only https, http and mailto; the shell asks the person first. @throws `invalid_request` for any other */
  openLink: call(z.object({ url: z.string().max(4000) }), nothing),
  /** The shell's dialog; null where the person closed it. @throws `not_found` where the host has no dialogs */
  chooseFolder: call(nothing, z.object({ uploadId: uploadIdSchema.nullable(), name: z.string().nullable() })),
  /** The person draws a box on the screen; null where they gave up. @throws `device_unavailable` with what to allow */
  captureRegion: call(nothing, z.object({ uploadId: uploadIdSchema.nullable() })),
} satisfies Contract;

export type AppDescription = z.infer<typeof appDescriptionSchema>;
export type AppEvent = z.infer<typeof appEventSchema>;
export type StoreState = z.infer<typeof storeStateSchema>;
