/** What a question asks for besides words: steps on a screenshot, a place on a picture, values in a given form. */
import { z } from 'zod';
import { messageIdSchema } from './ids.ts';

export const taskSchema = z.discriminatedUnion('type', [
  /** A screenshot and a goal; the answer is read as steps, which nothing ever executes. */
  z.object({ type: z.literal('agent') }),
  /** Where is what the question's words describe? The answer is read as boxes. */
  z.object({ type: z.literal('grounding') }),
  /** The answer is held to the JSON schema while it is written. */
  z.object({
    type: z.literal('extraction'),
    /** What a person calls it, such as "Receipt". */
    name: z.string().min(1).max(100),
    schema: z.record(z.string(), z.unknown()),
  }),
]);

/** How one of several answers to a question was chosen; every one of them carries it. */
export const choiceSchema = z.object({
  /**
   * `majority`: most final answers agree. `logprob`: none do, so the model's surest was taken, by the mean
   * log-probability of its tokens. `first`: nor are these known, so the one without chance was kept. `critic`: a critic
   * of the library gave it the highest score.
   */
  method: z.enum(['majority', 'logprob', 'first', 'critic']),
  /** The critic by name, where the library has one; `absence`: why it did not choose, in a sentence. */
  critic: z
    .object({ name: z.string().max(200), absence: z.string().max(1000).exactOptional() })
    .exactOptional(),
  chosenId: messageIdSchema,
  candidates: z
    .array(
      z.object({
        messageId: messageIdSchema,
        /** How many candidates have the same final answer, this one included. */
        votes: z.int().positive(),
        /** Natural logarithm, of all its tokens; null where the engine tells none. */
        meanLogprob: z.number().nullable(),
        /** The critic's, from 0 to 1: the mean over the answer's steps. */
        criticScore: z.number().min(0).max(1).exactOptional(),
      }),
    )
    .min(2)
    .max(8),
});

/** How many answers may be asked for, to choose one of them. */
export const candidateCountSchema = z.int().min(2).max(8);

export type Task = z.infer<typeof taskSchema>;
export type Choice = z.infer<typeof choiceSchema>;
