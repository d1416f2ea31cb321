/** What the convert process, a throw-away child, answers: a checkpoint folder becomes a model folder, and is checked. */
import { z } from 'zod';
import { type Client, type Contract, call, stream } from '../../preload/contract/define.ts';
import { fidelityReportSchema } from '../fidelity/fidelity-report.ts';
import { pictureId } from './engine-contract.ts';
import { bytePiece, pictureHeader } from './picture-pieces.ts';
import { processContract } from './process-contract.ts';

const count = z.number().nonnegative();
const precisionSchema = z.enum(['fp32', 'fp16', 'int8', 'int4']);

const conversionEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), done: count, total: count, step: z.string() }),
  z.strictObject({ type: z.literal('done'), folder: z.string() }),
]);

/** What a check reads: a text, or a picture that was put before, with a question and its answer. */
const checkSample = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().max(1_000_000) }),
  z.strictObject({
    type: z.literal('picture'),
    pictureId,
    question: z.string().max(10_000),
    answer: z.string().max(10_000),
  }),
]);

export const convertContract = {
  ...processContract,
  convertCheckpoint: stream(
    z.strictObject({
      checkpoint: z.string().min(1),
      out: z.string().min(1),
      precision: precisionSchema,
    }),
    conversionEvent,
  ),
  /** Takes a ready-made export in transformers.js layout; `precision` is taken where it is there. Progress is in bytes. */
  importExport: stream(
    z.strictObject({ source: z.string().min(1), out: z.string().min(1), precision: precisionSchema }),
    conversionEvent,
  ),
  /** Makes one damaged file of a model folder again from what the folder was made of; progress is in its values. */
  mendFile: stream(
    z.strictObject({ folder: z.string().min(1), source: z.string().min(1), file: z.string().min(1) }),
    conversionEvent,
  ),
  /** Sends one piece of a picture for a check. */
  putPicture: call(z.strictObject({ pictureId, header: pictureHeader, ...bytePiece }), z.strictObject({})),
  /** Measures a model folder beside its checkpoint and writes the report into its manifest. */
  checkPrecision: stream(
    z.strictObject({
      checkpoint: z.string().min(1),
      folder: z.string().min(1),
      samples: z.array(checkSample).min(1).max(200),
      /** Store matrices wider where the model misses its aim. */
      keepWider: z.boolean(),
    }),
    z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('progress'),
        part: z.enum(['vision', 'vision-fallbacks', 'text', 'text-fallbacks']),
        done: count,
        total: count,
      }),
      z.strictObject({ type: z.literal('done'), report: fidelityReportSchema }),
    ]),
  ),
} satisfies Contract;

export type ConvertContract = typeof convertContract;
export type ConvertClient = Client<ConvertContract>;
export type ConversionEvent = z.infer<typeof conversionEvent>;
export type CheckEvent = z.infer<ConvertContract['checkPrecision']['output']>;
export type WireSample = z.infer<typeof checkSample>;
