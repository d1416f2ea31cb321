/** Fields that say how tokens are chosen, shared by every wire format; names as OpenAI, LMDeploy and vLLM have them. */
import { z } from 'zod';
import type { ApiSampling } from './api-engine.ts';

const stop = z.union([z.string().min(1).max(256), z.array(z.string().min(1).max(256)).max(16)]);

export const samplingFields = {
  temperature: z.number().min(0).max(5).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  /** Beyond OpenAI. 0 and −1 both mean all. */
  top_k: z.int().min(-1).max(200_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().gt(0).max(10).nullish(),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).nullish(),
  stop: stop.nullish(),
};

interface SamplingFields {
  temperature?: number | null | undefined;
  top_p?: number | null | undefined;
  top_k?: number | null | undefined;
  min_p?: number | null | undefined;
  repetition_penalty?: number | null | undefined;
  seed?: number | null | undefined;
  stop?: string | string[] | null | undefined;
}

/** Without a seed each request draws its own, so that equal questions may get different answers, as with OpenAI. */
export function samplingOf(fields: SamplingFields, maxNewTokens: number | null | undefined): ApiSampling {
  const {
    temperature,
    top_p: topP,
    min_p: minP,
    repetition_penalty: repetitionPenalty,
    stop: stops,
  } = fields;
  const topK = fields.top_k;
  return {
    ...(maxNewTokens != null && { maxNewTokens }),
    temperature: temperature ?? 1,
    ...(topP != null && { topP }),
    ...(topK != null && { topK: Math.max(0, topK) }),
    ...(minP != null && { minP }),
    ...(repetitionPenalty != null && { repetitionPenalty }),
    seed: (fields.seed ?? Math.floor(Math.random() * 2 ** 32)) >>> 0,
    ...(stops != null && { stopStrings: typeof stops === 'string' ? [stops] : stops }),
  };
}
