/** Models on this machine: which there are, which one is loaded, and how a checkpoint becomes one. */
import { z } from 'zod';
import { appErrorReportSchema } from './conversations.ts';
import { type Contract, call, stream } from './define.ts';
import { modelIdSchema } from './ids.ts';
import { modelJobContract } from './model-jobs.ts';
import { precisionSchema } from './precision.ts';

export { precisionSchema };

const count = z.int().nonnegative();
export const deviceSchema = z.enum(['auto', 'cpu', 'webgpu']);

/** What a check found out about a model's precision: a key of the app's texts, what it names, and the English sentence. */
export const fidelitySentenceSchema = z.object({
  key: z.string(),
  values: z.record(z.string(), z.string()),
  sentence: z.string(),
});

export const modelSchema = z.object({
  id: modelIdSchema,
  name: z.string().max(200),
  /** The one inside the app, which reads only simple things. */
  isDemo: z.boolean(),
  precision: z.object({ vision: precisionSchema, decoder: precisionSchema }),
  sizeBytes: count,
  contextLength: z.int().positive(),
  maxTiles: z.int().positive(),
  /** What its conversion noted, in sentences. */
  notes: z.array(z.string()),
  /** Absent before the first check. */
  fidelity: z.array(fidelitySentenceSchema).exactOptional(),
});

/** A folder that was a model; what is left is to delete it. */
export const brokenModelSchema = z.object({ id: modelIdSchema, error: appErrorReportSchema });

/** What the engine holds. `waiting`: it loads when a question comes. */
export const modelStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('unloaded') }),
  z.object({ state: z.literal('loading'), modelId: modelIdSchema, done: count, total: count }),
  z.object({
    state: z.literal('ready'),
    modelId: modelIdSchema,
    device: z.string().max(40),
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
  loadModel: call(z.object({ id: modelIdSchema, device: deviceSchema.default('auto') }), modelStateSchema),
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
  deleteModel: call(z.object({ id: modelIdSchema }), z.object({})),
  ...modelJobContract,
} satisfies Contract;

export type BrokenModel = z.infer<typeof brokenModelSchema>;
export type Model = z.infer<typeof modelSchema>;
export type ModelState = z.infer<typeof modelStateSchema>;
