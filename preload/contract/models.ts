/** Models on this machine: which there are, which one is loaded, and how a checkpoint becomes one. */
import { z } from 'zod';
import { appErrorReportSchema } from './conversations.ts';
import { type Contract, call, stream } from './define.ts';
import { modelIdSchema } from './ids.ts';
import { modelJobContract } from './model-jobs.ts';
import { precisionSchema } from './precision.ts';
import { remoteModelContract, remotePlaceSchema } from './remote-models.ts';

export { precisionSchema };

const count = z.int().nonnegative();
/** `auto`, or devices by name as `cpu` and `cuda:1`: the layers are split over several, the vision encoder on the first. */
const devicesSchema = z.union([z.literal('auto'), z.array(z.string().min(1).max(20)).min(1).max(8)]);

/** A server does not say how it holds its weights. */
const shownPrecisionSchema = precisionSchema.or(z.literal('unknown'));

/** What a check found out about a model's precision: a key of the app's texts, what it names, and the English sentence. */
const fidelitySentenceSchema = z.object({
  key: z.string(),
  values: z.record(z.string(), z.string()),
  sentence: z.string(),
});

/** On this machine, from what was measured on it. */
const expectedSpeedSchema = z.object({
  /** From an A4 page to the first word about it. */
  pageSeconds: z.number().positive(),
  tokensPerSecond: z.number().positive(),
});

/** The same as it was found by a short turn of the model itself, and what it ran on. */
export const measuredSpeedSchema = expectedSpeedSchema.extend({ device: z.string().max(200) });

const modelSchema = z.object({
  id: modelIdSchema,
  name: z.string().max(200),
  /** The one inside the app, which reads only simple things. */
  isDemo: z.boolean(),
  precision: z.object({ vision: shownPrecisionSchema, decoder: shownPrecisionSchema }),
  sizeBytes: count,
  contextLength: z.int().positive(),
  maxTiles: z.int().positive(),
  /** What its conversion noted, in sentences. */
  notes: z.array(z.string()),
  /** Absent before the first check. */
  fidelity: z.array(fidelitySentenceSchema).exactOptional(),
  /** While it answers a usual question; absent where that is not known. */
  memoryBytes: count.exactOptional(),
  /** As its repository names it; absent where nobody noted it. */
  license: z.string().max(100).exactOptional(),
  /** Absent before this machine was measured. */
  expected: expectedSpeedSchema.exactOptional(),
  /** Absent before it was measured itself. */
  measured: measuredSpeedSchema.exactOptional(),
  /** It judges the answers of others (VisualPRM), and gives none itself. */
  isCritic: z.literal(true).exactOptional(),
  /** Came as a ready-made export: there are no published weights to compare it with. */
  isReadyMade: z.literal(true).exactOptional(),
  /** Present where the model is on another machine. */
  remote: remotePlaceSchema.exactOptional(),
});

/** A folder that was a model; what is left is to delete it. */
const brokenModelSchema = z.object({ id: modelIdSchema, error: appErrorReportSchema });

/** What the engine holds. `waiting`: it loads when a question comes. */
export const modelStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('unloaded') }),
  z.object({ state: z.literal('loading'), modelId: modelIdSchema, done: count, total: count }),
  z.object({
    state: z.literal('ready'),
    modelId: modelIdSchema,
    device: z.string().max(200),
    loadMs: z.number().nonnegative(),
    /** Of the engine process. */
    rssBytes: z.number().nonnegative(),
  }),
  z.object({ state: z.literal('failed'), modelId: modelIdSchema, error: appErrorReportSchema }),
]);

export const modelContract = {
  listModels: call(
    z.object({}),
    z.object({ models: z.array(modelSchema), broken: z.array(brokenModelSchema) }),
  ),
  /** Loads a model in place of the one before, and remembers it. Answers when it is ready; `watchApp` tells progress. */
  loadModel: call(z.object({ id: modelIdSchema, devices: devicesSchema.default('auto') }), modelStateSchema),
  unloadModel: call(z.object({}), z.object({})),
  getModelState: call(z.object({}), modelStateSchema),
  /** Reads every byte of a model's folder and compares it with what was written. Abort stops it. */
  checkModelFiles: stream(
    z.object({ id: modelIdSchema }),
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('progress'), done: count, total: count }),
      /** Names of files that are not as they were written; none where all is well. */
      z.object({ type: z.literal('checked'), damaged: z.array(z.string()) }),
    ]),
  ),
  /**
   * Loads a model where it is not, and times a short turn about a page, between answers. The figures are kept: they
   * are among `listModels` from then on. Abort stops it. @throws `invalid_request` for a model on a server
   */
  measureModel: stream(
    z.object({ id: modelIdSchema }),
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('progress'), share: z.number().min(0).max(1) }),
      z.object({ type: z.literal('measured'), speed: measuredSpeedSchema }),
    ]),
  ),
  deleteModel: call(z.object({ id: modelIdSchema }), z.object({})),
  ...modelJobContract,
  ...remoteModelContract,
} satisfies Contract;

export type BrokenModel = z.infer<typeof brokenModelSchema>;
export type ExpectedSpeed = z.infer<typeof expectedSpeedSchema>;
export type MeasuredSpeed = z.infer<typeof measuredSpeedSchema>;
export type Model = z.infer<typeof modelSchema>;
export type ModelState = z.infer<typeof modelStateSchema>;
