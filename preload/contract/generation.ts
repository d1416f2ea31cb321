/** Asking a question and watching its answer come. */
import { z } from 'zod';
import { partSchema } from './attachments.ts';
import { appErrorReportSchema, messageSchema } from './conversations.ts';
import { type Contract, call, stream } from './define.ts';
import { conversationIdSchema, messageIdSchema } from './ids.ts';
import { candidateCountSchema, taskSchema } from './tasks.ts';

const count = z.int().nonnegative();
const parts = z.array(partSchema).min(1).max(200);
const task = taskSchema.exactOptional();
/** So many answers are written as versions of one, and one of them is chosen and shown; absent: one. */
const candidates = candidateCountSchema.exactOptional();

/** What to answer. */
export const generationRequestSchema = z.discriminatedUnion('type', [
  /** A new question behind `parentId`; null begins the conversation. */
  z.object({
    type: z.literal('question'),
    conversationId: conversationIdSchema,
    parentId: messageIdSchema.nullable(),
    parts,
    task,
    candidates,
  }),
  /** The question changed: a sibling of `messageId`, and its answer. */
  z.object({ type: z.literal('edit'), messageId: messageIdSchema, parts, task, candidates }),
  /** Another answer to the question `messageId`, beside those that are there. */
  z.object({ type: z.literal('regenerate'), messageId: messageIdSchema, candidates }),
  /** More of the answer `messageId`, which ended early. */
  z.object({ type: z.literal('continue'), messageId: messageIdSchema }),
]);

/** What the answer waits for, in order: other answers, the model, files, vision, the prompt, the text. */
const generationPhaseSchema = z.enum(['queue', 'model', 'files', 'vision', 'reading', 'writing']);

const generationEventSchema = z.discriminatedUnion('type', [
  /** The question is on the disk. Absent for regenerate and continue. */
  z.object({ type: z.literal('question'), message: messageSchema }),
  /** The answer exists; its parts hold the text so far. First event of `watchAnswer`. */
  z.object({ type: z.literal('answer'), message: messageSchema }),
  /** `total` 0 where no count is known. Counts files, tiles, or prompt tokens. */
  z.object({ type: z.literal('phase'), phase: generationPhaseSchema, done: count, total: count }),
  /** The context is full: the oldest turns before this message were left out (policy `dropOldest`). */
  z.object({ type: z.literal('context'), firstKeptId: messageIdSchema, droppedMessages: count }),
  /** One of several answers to be chosen from. The others follow as answers of their own. */
  z.object({ type: z.literal('candidate'), number: z.int().positive(), of: z.int().positive() }),
  z.object({ type: z.literal('text'), text: z.string() }),
  /** Always last. An error leaves the text so far in the message. */
  z.object({
    type: z.literal('end'),
    message: messageSchema,
    error: appErrorReportSchema.nullable(),
  }),
]);

/** What a question costs before it is sent. */
const questionEstimateSchema = z.object({
  /** One entry for each part, in order; null for text, and where a part could not be judged. */
  parts: z.array(
    z
      .object({
        /** Of each picture, page or frame of the part. `thumbnail`: the whole picture is one more tile. */
        grids: z.array(z.object({ columns: count, rows: count, thumbnail: z.boolean() })).max(2000),
        tiles: count,
        visualTokens: count,
      })
      .nullable(),
  ),
  /** Of the whole prompt, earlier turns included; text is counted roughly. */
  promptTokens: count,
  contextLength: z.int().positive(),
  /** Until the first word, from this model's last runs on this machine; null until there are some. */
  expectedFirstTokenMs: z.number().nonnegative().nullable(),
});

export const generationContract = {
  /**
   * Writes the question down, then its answer. Leaving the stream or aborting it does not stop the answer: it goes on
   * being written, `watchAnswer` joins it again and `stopAnswer` ends it.
   */
  generateMessage: stream(generationRequestSchema, generationEventSchema),
  /** Joins an answer that is being written; of one that has ended, only `answer` and `end`. */
  watchAnswer: stream(z.object({ messageId: messageIdSchema }), generationEventSchema),
  /** Ends an answer, text kept. Answers when it has ended; false where it had ended before. */
  stopAnswer: call(z.object({ messageId: messageIdSchema }), z.object({ stopped: z.boolean() })),
  /** Answers being written or waiting. */
  listRunningAnswers: call(
    z.object({}),
    z.object({
      answers: z.array(z.object({ conversationId: conversationIdSchema, messageId: messageIdSchema })),
    }),
  ),
  /** Boxes of an answer in pixels of the upright picture, or in points of a PDF's page. @throws `not_found` without any */
  exportBoxes: call(
    z.object({ messageId: messageIdSchema, format: z.enum(['json', 'coco']) }),
    z.object({ fileName: z.string(), text: z.string().max(1_000_000) }),
  ),
  /**
   * Looks at the pictures of a question that is being written, while no answer needs the model, and says how far it is,
   * until it is left. What is not asked about soon after is forgotten. Faults of a file are told when it is asked about.
   */
  lookAhead: stream(
    z.object({
      conversationId: conversationIdSchema.nullable(),
      parts: z.array(partSchema).max(200),
    }),
    z.object({ done: count, total: count }),
  ),
  /** Needs a loaded model. @throws `not_found` without one */
  estimateQuestion: call(
    z.object({
      conversationId: conversationIdSchema.nullable(),
      parentId: messageIdSchema.nullable(),
      parts: z.array(partSchema).max(200),
      /** The pictures have been looked at ahead, and will not be again. */
      isLookedAt: z.boolean().default(false),
    }),
    questionEstimateSchema,
  ),
} satisfies Contract;

export type GenerationRequest = z.input<typeof generationRequestSchema>;
export type GenerationEvent = z.infer<typeof generationEventSchema>;
export type GenerationPhase = z.infer<typeof generationPhaseSchema>;
export type QuestionEstimate = z.infer<typeof questionEstimateSchema>;
