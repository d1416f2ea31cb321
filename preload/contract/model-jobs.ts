/** Getting models: the published family, any repository of the Hub, and the long work that brings one here. */
import { z } from 'zod';
import { appErrorReportSchema } from './conversations.ts';
import { type Contract, call } from './define.ts';
import { modelIdSchema, modelJobIdSchema } from './ids.ts';
import { precisionSchema } from './precision.ts';
import { uploadIdSchema } from './uploads.ts';

const nothing = z.object({});
const bytes = z.int().nonnegative();

/** How a model of a given size meets this machine. */
const fitSchema = z.object({
  /** Of the loaded model, upper estimate. */
  memoryBytes: bytes,
  /** Of the converted folder, upper estimate. */
  diskBytes: bytes,
  memory: z.enum(['fits', 'tight', 'too-large']),
  /** Whether the disk has room for the download and the converted copy together. */
  hasDisk: z.boolean(),
});

const catalogueEntrySchema = z.object({
  repository: z.string(),
  size: z.string(),
  training: z.enum(['chat', 'instruct', 'pretrained', 'critic']),
  layout: z.enum(['original', 'hf']),
  visionModel: z.string(),
  languageModel: z.string(),
  license: z.string(),
  weightBytes: bytes,
  note: z.enum(['pretrained', 'instruct', 'critic', 'large']).nullable(),
  /** At int4. */
  fit: fitSchema,
  /** At int4; null before this machine was measured. */
  expected: z
    .object({ pageSeconds: z.number().positive(), tokensPerSecond: z.number().positive() })
    .nullable(),
  /** The largest one for chat that fits this machine with room to spare. */
  isRecommended: z.boolean(),
});

/** What a repository is, from its list of files and its config; nothing large was fetched. */
const judgementSchema = z.object({
  repository: z.string(),
  /** The commit that a download is pinned to. */
  commit: z.string(),
  license: z.string().nullable(),
  isGated: z.boolean(),
  downloadBytes: bytes,
  /** Null where it can't run here; `reason` then says why. */
  fits: z.record(precisionSchema, fitSchema).nullable(),
  reason: appErrorReportSchema.nullable(),
});

/** A checkpoint on this machine: fetched by the app, or found in Hugging Face's own cache. */
const checkpointSchema = z.object({
  name: z.string(),
  from: z.enum(['library', 'hugging-face']),
  sizeBytes: bytes,
});

export const modelJobSchema = z.object({
  id: modelJobIdSchema,
  kind: z.enum(['download', 'import', 'move', 'repair']),
  name: z.string(),
  precision: precisionSchema.nullable(),
  state: z.enum(['running', 'paused', 'failed', 'done']),
  step: z.enum(['fetching', 'copying', 'converting']),
  /** Bytes; of a conversion, values. */
  done: bytes,
  total: bytes,
  /** Null where it is not known (yet). */
  bytesPerSecond: z.number().nonnegative().nullable(),
  timeLeftMs: z.number().nonnegative().nullable(),
  error: appErrorReportSchema.nullable(),
  /** What came of it. */
  modelId: modelIdSchema.nullable(),
});

const modelSettingsSchema = z.object({
  /** Folder of the library as a person knows it: its last two names. */
  libraryPlace: z.string(),
  isLibraryMoved: z.boolean(),
  freeBytes: bytes,
  /** Null: as fast as it comes. */
  bytesPerSecond: z.int().positive().nullable(),
  /** Null: a model stays loaded. */
  idleUnloadMinutes: z.int().min(1).max(1440).nullable(),
  hasToken: z.boolean(),
  /** Nothing is fetched from the Hub, and no server is asked. */
  offline: z.boolean(),
});

const jobStarted = z.object({ jobId: modelJobIdSchema });
const namedJob = z.object({ jobId: modelJobIdSchema });

export const modelJobContract = {
  listCatalogue: call(
    nothing,
    z.object({ entries: z.array(catalogueEntrySchema), memoryBytes: bytes, freeDiskBytes: bytes }),
  ),
  /** @param repository `owner/name`, with `@revision` where wanted, or the address of its page */
  judgeRepository: call(z.object({ repository: z.string().min(1).max(500) }), judgementSchema),
  /** Fetches, converts, and keeps the checkpoint or not. @throws `disk_full`, `access_denied`, `checkpoint_unsupported` … */
  startDownload: call(
    z.object({
      repository: z.string().min(1).max(500),
      precision: precisionSchema.default('int4'),
      keepCheckpoint: z.boolean().default(false),
    }),
    jobStarted,
  ),
  /** A folder or zip that was handed over, or a checkpoint of `listCheckpoints`; a converted model is copied. */
  startImport: call(
    z.object({
      source: z.discriminatedUnion('type', [
        z.object({ type: z.literal('upload'), uploadId: uploadIdSchema }),
        z.object({ type: z.literal('checkpoint'), name: z.string().max(300) }),
      ]),
      precision: precisionSchema.default('int4'),
    }),
    jobStarted,
  ),
  /** Makes the damaged files of a model again, and only those; fetches again what it was made of where that has gone. */
  repairModel: call(z.object({ id: modelIdSchema }), jobStarted),
  listModelJobs: call(nothing, z.object({ jobs: z.array(modelJobSchema) })),
  /** What has arrived is kept, also over a restart of the app. */
  pauseModelJob: call(namedJob, nothing),
  resumeModelJob: call(namedJob, nothing),
  /** Stops it and removes what it left; takes a finished one off the list. */
  cancelModelJob: call(namedJob, nothing),
  listCheckpoints: call(nothing, z.object({ checkpoints: z.array(checkpointSchema) })),
  /** Only those the app fetched; another program's cache is its own. */
  deleteCheckpoint: call(z.object({ name: z.string().max(300) }), nothing),
  getModelSettings: call(nothing, modelSettingsSchema),
  updateModelSettings: call(
    z.object({
      patch: z.object({
        bytesPerSecond: modelSettingsSchema.shape.bytesPerSecond.exactOptional(),
        idleUnloadMinutes: modelSettingsSchema.shape.idleUnloadMinutes.exactOptional(),
        /** Sealed by the shell; null forgets it. */
        token: z.string().min(1).max(500).nullable().exactOptional(),
        /** Stops what is being fetched, and answers that come from a server. */
        offline: z.boolean().exactOptional(),
      }),
    }),
    modelSettingsSchema,
  ),
  /** Copies the library into a folder of another disk, checks every byte, then switches. Null: back into the profile. */
  moveLibrary: call(z.object({ uploadId: uploadIdSchema.nullable() }), jobStarted),
} satisfies Contract;

export type CatalogueEntry = z.infer<typeof catalogueEntrySchema>;
export type Fit = z.infer<typeof fitSchema>;
export type Judgement = z.infer<typeof judgementSchema>;
export type Checkpoint = z.infer<typeof checkpointSchema>;
export type ModelJob = z.infer<typeof modelJobSchema>;
export type ModelSettings = z.infer<typeof modelSettingsSchema>;
