/** What of a server's answers is read, and that it has the right shape; everything else in them is let pass. */
import { z } from 'zod';

const count = z.int().nonnegative();
const name = z.string().min(1).max(300);

/** `GET /v1/models`. vLLM and SGLang say `max_model_len`, llama.cpp says its length in `meta`, LMDeploy none. */
export const modelList = z.object({
  data: z
    .array(
      z.object({
        id: name,
        owned_by: z.string().max(300).nullish().catch(null),
        max_model_len: z.int().positive().nullish().catch(null),
        meta: z
          .object({ n_ctx: z.int().positive().nullish(), n_ctx_train: z.int().positive().nullish() })
          .nullish()
          .catch(null),
      }),
    )
    .min(1)
    .max(1000),
});

/** `GET /version` of vLLM, which lies beside `/v1`. */
export const versionAnswer = z.object({ version: z.string().max(100) });

const tokenLogprob = z.object({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int().min(0).max(255)).nullish(),
});

const choice = z.object({
  index: count.max(63).default(0),
  delta: z
    .object({
      content: z.string().nullish(),
      /** Thoughts, where the server was started with a reasoning parser; under either name. */
      reasoning: z.string().nullish(),
      reasoning_content: z.string().nullish(),
    })
    .nullish(),
  finish_reason: z.string().max(100).nullish(),
  /** The text that ended the answer: vLLM's word, then SGLang's. */
  stop_reason: z.union([z.string(), z.number()]).nullish().catch(null),
  matched_stop: z.union([z.string(), z.number()]).nullish().catch(null),
  logprobs: z
    .object({
      content: z
        .array(z.object({ ...tokenLogprob.shape, top_logprobs: z.array(tokenLogprob).nullish() }))
        .nullish(),
    })
    .nullish(),
  /** Ids of this piece's tokens: vLLM's and SGLang's word, then LMDeploy's. */
  token_ids: z.array(count).nullish().catch(null),
  output_ids: z.array(count).nullish().catch(null),
});

/** One event of a streamed answer. */
export const answerChunk = z.object({
  choices: z.array(choice).max(64).nullish(),
  prompt_token_ids: z.array(count).nullish().catch(null),
  usage: z
    .object({
      prompt_tokens: count.nullish(),
      completion_tokens: count.nullish(),
      prompt_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
  error: z.unknown().optional(),
});

export type AnswerChunk = z.infer<typeof answerChunk>;
export type AnswerChoice = NonNullable<AnswerChunk['choices']>[number];
