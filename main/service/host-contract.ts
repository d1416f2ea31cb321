/** The border between the service and whoever hosts it (Electron's main process, or the headless host). Pages never see it. */
import { z } from 'zod';
import { processContract } from '../../native-models/process/process-contract.ts';
import { boxSchema } from '../../preload/contract/attachments.ts';
import { type Client, type Contract, call, type Handlers, stream } from '../../preload/contract/define.ts';
import { attachmentIdSchema } from '../../preload/contract/ids.ts';
import { appEventSchema } from '../../preload/contract/system.ts';
import { bytePieceSchema, uploadIdSchema } from '../../preload/contract/uploads.ts';

const nothing = z.strictObject({});
const count = z.int().nonnegative();

/** Of one file; as much as a picture's file may take, and half of what the media process takes in at once. */
export const mostUploadBytesInMemory = 256 * 1024 * 1024;

/** What a page may ask for beside the contract, by path: see preload/contract/attachment-endpoints.ts. */
export const bytesRequestSchema = z.discriminatedUnion('route', [
  /** The file itself, or a stretch of it (`end` inclusive, as in an HTTP Range). */
  z.strictObject({
    route: z.literal('attachment'),
    id: attachmentIdSchema,
    range: z.strictObject({ start: count, end: count.nullable() }).nullable(),
  }),
  z.strictObject({
    route: z.literal('view'),
    id: attachmentIdSchema,
    page: z.int().positive().nullable(),
    timeMs: z.number().nonnegative().nullable(),
    box: boxSchema.nullable(),
    maxSide: z.int().min(16).max(2048),
  }),
]);

/** host → service. */
export const hostContract = {
  ...processContract,
  /** A file that a page may name from now on. `isTemporary`: the service deletes it when it is used up. */
  registerUpload: call(
    z.strictObject({
      uploadId: uploadIdSchema,
      path: z.string().min(1),
      name: z.string().min(1).max(500),
      isTemporary: z.boolean(),
    }),
    nothing,
  ),
  /** The next piece of a file that a page may name from its last piece on, and that never touches the disk. */
  putUpload: call(
    z.strictObject({
      uploadId: uploadIdSchema,
      name: z.string().min(1).max(500),
      sizeBytes: count.max(mostUploadBytesInMemory),
      offset: count,
      bytes: bytePieceSchema,
      last: z.boolean(),
    }),
    nothing,
  ),
  openBytes: stream(
    bytesRequestSchema,
    z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('header'),
        mediaType: z.string(),
        /** Of the whole file; the pieces hold `start`…`end` of it. */
        sizeBytes: count,
        start: count,
        end: count,
      }),
      z.strictObject({ type: z.literal('piece'), bytes: bytePieceSchema }),
    ]),
  ),
  /** Opens the API server on loopback; one at a time. @throws `invalid_request` where the port is taken */
  startApi: call(
    z.strictObject({
      /** 0 takes a free one. */
      port: z.int().min(0).max(65_535),
      /** Null: one is made. */
      token: z.string().min(16).max(200).nullable(),
      /** Origins of web pages that may use it. */
      allowedOrigins: z.array(z.string().max(200)).max(16),
    }),
    z.strictObject({ url: z.string(), token: z.string() }),
  ),
  stopApi: call(nothing, nothing),
  /** Something happened in the shell that pages should hear of (`watchApp`). */
  announce: call(z.strictObject({ event: appEventSchema }), nothing),
} satisfies Contract;

/** service → host: what only a shell can do. The headless host answers with what it has. */
export const shellContract = {
  describeShell: call(
    nothing,
    z.strictObject({
      host: z.enum(['electron', 'headless']),
      can: z.strictObject({ chooseFolders: z.boolean(), captureRegion: z.boolean(), openLinks: z.boolean() }),
    }),
  ),
  openExternalLink: call(z.strictObject({ url: z.string().max(4000) }), nothing),
  /** The folder is registered as an upload. */
  chooseFolder: call(
    nothing,
    z.strictObject({ uploadId: uploadIdSchema.nullable(), name: z.string().nullable() }),
  ),
  captureRegion: call(nothing, z.strictObject({ uploadId: uploadIdSchema.nullable() })),
  /** A desktop notification; a click on it shows the conversation. */
  notifyAnswer: call(z.strictObject({ title: z.string().max(200), conversationId: z.string() }), nothing),
  /** While true the system stays awake and the tray shows work. */
  setBusy: call(z.strictObject({ busy: z.boolean() }), nothing),
  /** Secrets at rest: the system's key store, or a key file of mode 0600. */
  encryptSecret: call(
    z.strictObject({ text: z.string().max(10_000) }),
    z.strictObject({ sealed: z.string() }),
  ),
  decryptSecret: call(
    z.strictObject({ sealed: z.string().max(20_000) }),
    z.strictObject({ text: z.string() }),
  ),
} satisfies Contract;

export type BytesRequest = z.infer<typeof bytesRequestSchema>;
export type HostClient = Client<typeof hostContract>;
export type HostHandlers = Handlers<typeof hostContract>;
export type ShellClient = Client<typeof shellContract>;
export type ShellHandlers = Handlers<typeof shellContract>;
