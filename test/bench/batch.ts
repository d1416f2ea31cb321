/** Decode phase of 8 answers in one run, alternating with one at a time: the 0.5B int4 shape, prompts of 128 tokens, 128 new each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { measuredConfig } from '../../native-models/inference/device-table.ts';
import type { GenerationParts } from '../../native-models/inference/generate.ts';
import { startClock } from '../../native-models/inference/generation-clock.ts';
import type { GenerationEvent } from '../../native-models/inference/generation-types.ts';
import { createGrowingAnswer } from '../../native-models/inference/growing-answer.ts';
import { mergeStreams } from '../../native-models/inference/merge-streams.ts';
import { createPrefillPace, prefill } from '../../native-models/inference/prefill.ts';
import { createRunTurns } from '../../native-models/inference/run-turns.ts';
import { keyOf } from '../../native-models/inference/sequence.ts';
import { createSequencePool } from '../../native-models/inference/sequence-pool.ts';
import { createTokenChooser } from '../../native-models/inference/token-chooser.ts';
import { writeAnswer } from '../../native-models/inference/write-answer.ts';
import { openRandomDecoder } from '../support/random-decoder.ts';

const answers = 8;
const promptTokens = 128;
const newTokens = 128;

const decoder = await openRandomDecoder(measuredConfig.decoder);
const never = new AbortController().signal;
const width = measuredConfig.decoder.hiddenSize;
const tokenizer = { stopIds: [], tokenBytes: () => Uint8Array.of(97) };
const shared = {
  decoder,
  tokenizer,
  embedder: { width, embed: embedRow, close: () => {} },
  suppressed: [],
  formats: () => Promise.reject(new Error('no form is asked for')),
  sequences: createSequencePool(decoder, { tokens: 1e6, requests: 64, reportEveryMs: 5000 }),
  pace: createPrefillPace(),
};
/** Each has its own turns, so that neither waits for the other's writers. */
const apart = { ...shared, turns: createRunTurns() } as unknown as GenerationParts;
const beside = { ...shared, turns: createRunTurns() } as unknown as GenerationParts;

const together = mergeStreams(await Promise.all(Array.from({ length: answers }, (_, i) => write(beside, i))));
const totalMs = { alone: 0, beside: 0 };
for (let slice = 0; slice < answers; slice++) {
  await sleep(1000); // the run that was begun when the last slice ended
  const aloneMs = await msPerToken(await write(apart, slice));
  const besideMs = await msPerToken(together);
  totalMs.alone += aloneMs;
  totalMs.beside += besideMs;
  const rates = [aloneMs, besideMs].map((ms) => (1000 / ms).toFixed(1));
  process.stdout.write(
    `one at a time ${rates[0]} tokens/s, ${answers} together ${rates[1]}: ${(aloneMs / besideMs).toFixed(2)} ×\n`,
  );
}
process.stdout.write(`in all ${(totalMs.alone / totalMs.beside).toFixed(2)} ×\n`);
await decoder.close();

/** Any row will do; it has to differ from token to token. */
function embedRow(id: number, out: Float32Array, at: number): void {
  for (let i = 0; i < width; i++) out[at + i] = Math.sin(id * 13 + i) * 0.02;
}

/** Reads a prompt; its answer is written as it is listened to. */
async function write(parts: GenerationParts, seed: number) {
  const ids = Int32Array.from({ length: promptTokens }, (_, i) => (i * 7919 + seed * 104_729) % 150_000);
  const prompt = { ids, slots: [] };
  const key = keyOf(prompt, 1);
  const sequence = parts.sequences.take(key);
  const inTurn = parts.turns.forReader('', never);
  const reading = prefill({ ...parts, prompt, key, visualTokens: [], sequence, inTurn });
  let step = await reading.next();
  while (!step.done) step = await reading.next();
  const open = {
    choice: {},
    answer: createGrowingAnswer(tokenizer),
    chooser: await createTokenChooser(parts, {}, []),
    maxNewTokens: newTokens,
    clock: startClock(),
    placed: {},
  };
  return writeAnswer(parts, open, { sequence, logits: step.value, signal: never });
}

/** The next 128 tokens of a stream, whosever they are. */
async function msPerToken(stream: ReturnType<typeof mergeStreams<GenerationEvent>>): Promise<number> {
  const startedMs = performance.now();
  for (let count = 0; count < newTokens; count++) await stream.next();
  return (performance.now() - startedMs) / newTokens;
}
