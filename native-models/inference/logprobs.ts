/** How likely the model held each token: log-softmax of the logits as they left the model. */
import type { Tokenizer } from '../text/tokenizer.ts';
import type { ChosenLogprob, TokenLogprob } from './generation-types.ts';

/** Reads the logits [vocabulary] before anything changes them; the result tells of a token once it is chosen. */
export function readLogprobs(
  logits: Float32Array,
  count: number,
  tokenizer: Pick<Tokenizer, 'tokenBytes'>,
): (chosenId: number) => ChosenLogprob {
  const logSum = logSumExp(logits);
  const logprobs = logits.slice();
  const describe = (id: number): TokenLogprob => ({
    id,
    logprob: logprobs[id]! - logSum,
    bytes: Array.from(tokenizer.tokenBytes(id)),
  });
  const top = likeliest(logits, count).map(describe);
  return (chosenId) => ({ ...describe(chosenId), top });
}

/** log Σ exp of the logits [vocabulary]: a logit less this is its log-probability, in nats. */
export function logSumExp(logits: Float32Array): number {
  let peak = -Infinity;
  for (const logit of logits) peak = Math.max(peak, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - peak); // the largest is exp(0): nothing overflows
  return peak + Math.log(sum);
}

/** Ids of the `count` largest, falling; of equals the lower id first. */
function likeliest(logits: Float32Array, count: number): number[] {
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit === -Infinity || (ids.length >= count && logit <= logits[ids.at(-1)!]!)) continue;
    const place = ids.findIndex((other) => logits[other]! < logit);
    ids.splice(place < 0 ? ids.length : place, 0, id);
    if (ids.length > count) ids.pop();
  }
  return ids;
}
