/** Fields of OpenAI's bodies that ask for nothing here: taken where they change no answer, refused by name where they would. */
import { z } from 'zod';

/** About the account and its bills, of which there are none here. */
export const quietFields = {
  user: z.string().max(512).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  safety_identifier: z.string().max(512).nullish(),
  prompt_cache_key: z.string().max(512).nullish(),
  service_tier: z.enum(['auto', 'default']).nullish(),
};

/** Asked for only in so far as nothing is: any other value would be broken silently. */
export const neutralFields = {
  frequency_penalty: z.literal(0, 'this server knows repetition_penalty only').nullish(),
  presence_penalty: z.literal(0, 'this server knows repetition_penalty only').nullish(),
  logit_bias: z.strictObject({}).nullish(),
  store: z.literal(false, 'nothing is stored here').nullish(),
};

/** Whether several tools may be called in one answer; false keeps the first call. */
export const parallelCalls = z.boolean().nullish();

/** A tool's arguments are asked for in words; nothing holds them to their schema. */
export const strictTool = z
  .literal(false, "a tool's arguments can't be held to their schema here; send strict: false")
  .nullish();
