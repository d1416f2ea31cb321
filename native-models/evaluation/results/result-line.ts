/** What is kept of a run: a first line that says whose answers these are, then a line for each question asked. */
import { z } from 'zod';
import { appErrorCodes } from '../../../preload/contract/errors.ts';

/** Whose answers a file holds; another run may only go on with it where all of this is the same. */
export const runHeader = z.strictObject({
  type: z.literal('run'),
  version: z.literal(1),
  dataset: z.strictObject({ name: z.string(), sha256: z.string() }),
  model: z.strictObject({ name: z.string(), precision: z.string(), fingerprint: z.string() }),
  /** Null = as the benchmark is usually run. */
  maxTiles: z.int().nullable(),
});
export type RunHeader = z.infer<typeof runHeader>;

export const result = z.strictObject({
  type: z.literal('answer'),
  /** Place of the question in the data set, counted from 0. */
  at: z.int().nonnegative(),
  id: z.string(),
  group: z.string(),
  metric: z.string(),
  question: z.string(),
  answers: z.array(z.string()),
  /** What the model said, thoughts too. */
  said: z.string(),
  score: z.number().min(0).max(1),
  /** Hash of the question's media: questions about one picture belong together. Null for text alone. */
  cluster: z.string().nullable(),
  /** Of the first picture, for boxes in pixels. */
  size: z.strictObject({ width: z.number(), height: z.number() }).nullable(),
  stopReason: z.string(),
  tokens: z.int().nonnegative(),
  elapsedMs: z.number().nonnegative(),
  /** Why it could not be asked; it then counts as wrong. */
  error: z.strictObject({ code: z.enum(appErrorCodes), message: z.string() }).nullable(),
});
export type Result = z.infer<typeof result>;
