/** Tokens read several at a time change nothing of what is said: the same answers as one token a run. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { GenerationParts } from '../../native-models/inference/generate.ts';
import type { GenerationOptions } from '../../native-models/inference/generation-types.ts';
import type { KvCache } from '../../native-models/inference/kv-cache.ts';
import { createSequencePool } from '../../native-models/inference/sequence-pool.ts';
import { answer, noisePicture, openTinyModel, userTurn } from '../support/tiny-model.ts';

const seed = 20261123;

/** The same model with nothing remembered; counts runs of several rows that want their logits. */
function afresh(parts: GenerationParts, { writers = 1, spoilCache = (cache: KvCache) => cache } = {}) {
  let guessing = 0;
  const decoder: GenerationParts['decoder'] = {
    ...parts.decoder,
    createCache: (start) => spoilCache(parts.decoder.createCache(start)),
    run(step) {
      if (step.logitRows.length > 1) guessing += 1;
      return parts.decoder.run(step);
    },
  };
  const model: GenerationParts = {
    ...parts,
    decoder,
    turns: { ...parts.turns, writerCount: () => writers },
    sequences: createSequencePool(decoder, { tokens: 1e6, requests: 4, reportEveryMs: 5000 }),
  };
  return { model, guessing: () => guessing };
}

const words = ['red', 'blue', '12', 'table', 'row', '|', ',', '"', ': ', '{', '}', ' '];
/** Texts that repeat themselves, as tables do. */
const repeating = fc
  .tuple(fc.array(fc.constantFrom(...words), { minLength: 2, maxLength: 8 }), fc.integer({ min: 1, max: 5 }))
  .map(([line, times]) => Array(times).fill(line.join('')).join('\n'));

const options: fc.Arbitrary<GenerationOptions> = fc.record({
  maxNewTokens: fc.integer({ min: 1, max: 40 }),
  temperature: fc.constantFrom(0, 0, 0.7, 1.2),
  topK: fc.constantFrom(0, 3),
  seed: fc.nat(1000),
  repetitionPenalty: fc.constantFrom(1, 1, 1.2),
  topLogprobs: fc.constantFrom(0, 2),
  stopStrings: fc.constantFrom<string[]>([], ['e'], ['12']),
});

test('ids, text, draws and reasons to stop are those of one token a run', { timeout: 300_000 }, async (t) => {
  const { parts } = await openTinyModel(t);
  let guessing = 0;
  const check = async (text: string, generation: GenerationOptions) => {
    const request = { messages: [userTurn(text)], generation };
    const plain = await answer(afresh(parts, { writers: 2 }).model, request);
    const guessed = afresh(parts);
    const found = await answer(guessed.model, request);
    guessing += guessed.guessing();
    assert.deepEqual(found.end.tokenIds, plain.end.tokenIds);
    assert.equal(found.end.text, plain.end.text);
    assert.equal(found.end.stopReason, plain.end.stopReason);
    const logprobs = (told: typeof plain) =>
      told.events.flatMap((event) => (event.type === 'text' ? (event.logprobs ?? []) : []));
    for (const [at, { id, logprob }] of logprobs(plain).entries()) {
      assert.equal(logprobs(found)[at]!.id, id);
      assert.ok(Math.abs(logprobs(found)[at]!.logprob - logprob) < 1e-3);
    }
  };
  await fc.assert(fc.asyncProperty(repeating, options, check), { seed, numRuns: 40 });
  assert.ok(guessing > 20, `only ${guessing} runs held guesses: nothing was tested`);
});

test('an answer held to a form, and the question after it, are the same too', async (t) => {
  const { parts, description } = await openTinyModel(t);
  const picture = noisePicture(description, { width: 200, height: 200 });
  const turn = userTurn('| a | 1 |\n| b | 2 |\n| a | 1 |', picture);
  const talk = async ({ model }: { model: GenerationParts }) => {
    const generation = {
      maxNewTokens: 24,
      answerFormat: { type: 'regex' as const, pattern: '(ab|cd){8,9}' },
    };
    const first = await answer(model, { messages: [turn], generation });
    const said = { role: 'assistant' as const, parts: [{ type: 'text' as const, text: first.end.text }] };
    const messages = [turn, said, userTurn('Again, please.')];
    const second = await answer(model, { messages, generation: { maxNewTokens: 24 } });
    assert.ok(second.end.timings.reusedPromptTokens > 0);
    return [first.end.tokenIds, second.end.tokenIds];
  };
  const guessed = afresh(parts);
  assert.deepEqual(await talk(guessed), await talk(afresh(parts, { writers: 2 })));
  assert.ok(guessed.guessing() > 0);
});

test('an answer that were to keep wrong guesses in its cache would be another one', async (t) => {
  const { parts } = await openTinyModel(t);
  const spoilCache = (cache: KvCache) => Object.assign(Object.create(cache), { truncate() {} });
  const request = {
    messages: [userTurn('red 12 blue 12 red 12 row')],
    generation: { maxNewTokens: 40, topK: 5 },
  };
  let differing = 0;
  for (let draw = 0; draw < 6; draw++) {
    const generation = { ...request.generation, temperature: 1, seed: draw };
    const plain = await answer(afresh(parts, { writers: 2 }).model, { ...request, generation });
    const spoilt = await answer(afresh(parts, { spoilCache }).model, { ...request, generation });
    if (String(spoilt.end.tokenIds) !== String(plain.end.tokenIds)) differing += 1;
  }
  assert.ok(differing > 0);
});

test('beside other answers nothing is guessed', async (t) => {
  const { parts } = await openTinyModel(t);
  const { model, guessing } = afresh(parts, { writers: 2 });
  await answer(model, { messages: [userTurn('12 12 12 12 12 12')], generation: { maxNewTokens: 20 } });
  assert.equal(guessing(), 0);
});
