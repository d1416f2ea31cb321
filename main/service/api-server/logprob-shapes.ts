/** Log-probabilities in OpenAI's shapes: lists of tokens for chat and responses, and the older one of parallel lists. */
import type { ApiLogprob } from './api-engine.ts';

type Likelihood = Pick<ApiLogprob, 'logprob' | 'bytes'>;

/** `/v1/chat/completions`; null where none were asked for. */
export function chatLogprobs(logprobs: readonly ApiLogprob[] | undefined): object | null {
  if (!logprobs) return null;
  return { content: responseLogprobs(logprobs), refusal: null };
}

/** `/v1/responses`: a part's tokens. */
export function responseLogprobs(logprobs: readonly ApiLogprob[]): object[] {
  const shape = ({ logprob, bytes }: Likelihood) => ({ token: textOf(bytes), logprob, bytes });
  return logprobs.map((chosen) => ({ ...shape(chosen), top_logprobs: chosen.top.map(shape) }));
}

/**
 * `/v1/completions`.
 * @param startsAt characters of the answer before the first of these tokens
 */
export function completionLogprobs(
  logprobs: readonly ApiLogprob[] | undefined,
  startsAt: number,
): object | null {
  if (!logprobs) return null;
  let offset = startsAt;
  const offsets = logprobs.map(({ bytes }) => {
    const at = offset;
    offset += textOf(bytes).length;
    return at;
  });
  return {
    tokens: logprobs.map(({ bytes }) => textOf(bytes)),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    top_logprobs: logprobs.map(({ top }) =>
      Object.fromEntries(top.map(({ bytes, logprob }) => [textOf(bytes), logprob])),
    ),
    text_offset: offsets,
  };
}

/** Half a character becomes U+FFFD; `bytes` tells it exactly. */
function textOf(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
