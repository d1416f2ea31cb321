/** Models on this machine: which there are, which one is loaded, and how a checkpoint becomes one. */
import { z } from 'zod';
import { appErrorReportSchema } from './conversations.ts';
import { type Contract, call, stream } from './define.ts';
import { modelIdSchema } from './ids.ts';
import { uploadIdSchema } from './uploads.ts';

const count = z.int().nonnegative();
export const precisionSchema = z.enum(['fp32', 'fp16', 'int8', 'int4']);
export const deviceSchema = z.enum(['auto', 'cpu', 'webgpu']);

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
});

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
  listModels: call(z.object({}), z.object({ models: z.array(modelSchema) })),
  /** Loads a model in place of the one before, and remembers it. Answers when it is ready; `watchApp` tells progress. */
  loadModel: call(z.object({ id: modelIdSchema, device: deviceSchema.default('auto') }), modelStateSchema),
  unloadModel: call(z.object({}), z.object({})),
  getModelState: call(z.object({}), modelStateSchema),
  /** Converts a checkpoint folder that was chosen through the shell. Abort stops it and leaves nothing behind. */
  convertModel: stream(
    z.object({ uploadId: uploadIdSchema, precision: precisionSchema.default('int4') }),
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('progress'), done: count, total: count }),
      z.object({ type: z.literal('converted'), model: modelSchema }),
    ]),
  ),
  deleteModel: call(z.object({ id: modelIdSchema }), z.object({})),
} satisfies Contract;

export type Model = z.infer<typeof modelSchema>;
export type ModelState = z.infer<typeof modelStateSchema>;
