/** Many sequences at once: what one of them says never depends on the others, whoever joins, leaves or sits beside it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TokenStep } from '../../native-models/inference/decoder.ts';
import { type GenerationParts, generate } from '../../native-models/inference/generate.ts';
import type { GenerationEvent, GenerationRequest } from '../../native-models/inference/generation-types.ts';
import type { KvCache } from '../../native-models/inference/kv-cache.ts';
import { relativeError } from '../support/golden-cases.ts';
import { type Answer, answer, noisePicture, openTinyModel, userTurn } from '../support/tiny-model.ts';

/** fp32 sums may be taken in another order; int8 rounding makes of that at most a step in a few activations. */
const tolerance = { fp32: 1e-5, int8: 2e-3, int4: 2e-3 } as const;

const idsOf = (length: number, seed: number) => Array.from({ length }, (_, i) => (i * 37 + seed * 11) % 250);

function embed({ embedder }: GenerationParts, ids: readonly number[]): Float32Array {
  const hidden = new Float32Array(ids.length * embedder.width);
  for (const [at, id] of ids.entries()) embedder.embed(id, hidden, at * embedder.width);
  return hidden;
}

async function read(parts: GenerationParts, ids: readonly number[], cache: KvCache): Promise<void> {
  const positions = Float32Array.from(ids, (_, i) => cache.length + i);
  await parts.decoder.run({ hidden: embed(parts, ids), positions, cache, logitRows: [] });
}

for (const precision of ['fp32', 'int8', 'int4'] as const) {
  test(`${precision}: logits beside others equal logits alone, in any order, with and without a shared prefix`, async (t) => {
    const { parts } = await openTinyModel(t, precision);
    const { decoder } = parts;
    const said = [5, 17, 101, 44, 9];
    const lengths = [3, 30, 260, 64];
    for (const prefix of [[], idsOf(33, 7)]) {
      /** Every sequence's logits, token by token; `absent` sits that run out and goes on later. */
      const run = async (order: readonly number[], absent?: { sequence: number; at: number }) => {
        const origin = decoder.createCache();
        if (prefix.length > 0) await read(parts, prefix, origin);
        const caches = lengths.map(() => (prefix.length > 0 ? origin.fork() : decoder.createCache()));
        const logits = new Map<string, Float32Array>();
        for (const index of order) await read(parts, idsOf(lengths[index]!, index), caches[index]!);
        const counts = lengths.map(() => 0);
        for (let round = 0; order.some((index) => counts[index]! < said.length); round++) {
          const present = order.filter(
            (index) => counts[index]! < said.length && !(absent?.sequence === index && absent.at === round),
          );
          const steps = present.map((index): TokenStep => {
            const cache = caches[index]!;
            return { hidden: embed(parts, [said[counts[index]!]!]), position: cache.length, cache };
          });
          const rows =
            steps.length > 1 ? await decoder.runTogether(steps) : [await runAlone(parts, steps[0]!)];
          for (const [row, index] of present.entries())
            logits.set(`${index}: ${counts[index]!++}`, rows[row]!.slice());
        }
        return logits;
      };
      const alone = new Map<string, Float32Array>();
      for (const index of lengths.keys()) for (const [key, rows] of await run([index])) alone.set(key, rows);
      for (const [order, absent] of [
        [[0, 1, 2, 3]],
        [[3, 1, 0, 2], { sequence: 1, at: 2 }],
        [[2, 0], { sequence: 0, at: 1 }],
      ] as [number[], { sequence: number; at: number }?][]) {
        for (const [key, rows] of await run(order, absent)) {
          const error = relativeError(rows, alone.get(key)!);
          assert.ok(error < tolerance[precision], `order ${order}, sequence and step ${key}: ${error}`);
        }
      }
    }
  });
}

async function runAlone({ decoder }: GenerationParts, step: TokenStep): Promise<Float32Array> {
  const { hidden, position, cache } = step;
  return decoder.run({ hidden, positions: Float32Array.of(position), cache, logitRows: [0] });
}

const questions = [
  'Go.',
  'What is it, and what stands beside it on the table?',
  'Name three.',
  'And then?',
  'Why?',
];
const ask = (text: string, more: Partial<GenerationRequest> = {}): GenerationRequest => ({
  messages: [userTurn(text)],
  generation: { maxNewTokens: 40, temperature: 0.8, seed: text.length },
  ...more,
});

/** Counts runs of several sequences, so that a test can't pass by never having any. */
function countingRuns(parts: GenerationParts): { parts: GenerationParts; together: () => number } {
  let together = 0;
  const decoder: GenerationParts['decoder'] = {
    ...parts.decoder,
    runTogether(steps) {
      together = Math.max(together, steps.length);
      return parts.decoder.runTogether(steps);
    },
  };
  return { parts: { ...parts, decoder }, together: () => together };
}

test('requests that come while others are written say what they say alone', async (t) => {
  const { parts, description } = await openTinyModel(t);
  const picture = noisePicture(description, { width: 224, height: 112 });
  const requests = [
    ...questions.map((text) => ask(text)),
    ask('', { messages: [userTurn('See?', picture)] }),
  ];
  const alone: Answer[] = [];
  for (const request of requests) alone.push(await answer(parts, request));
  const beside = await openTinyModel(t);
  const counted = countingRuns(beside.parts);
  const together = await Promise.all(
    requests.map(async (request, index) => {
      for (let turn = 0; turn < index * 6; turn++) await new Promise((resolve) => setImmediate(resolve));
      return answer(counted.parts, request);
    }),
  );
  assert.ok(counted.together() >= 3, `${counted.together()} sequences in the largest run`);
  assert.deepEqual(
    together.map(({ end }) => end.tokenIds),
    alone.map(({ end }) => end.tokenIds),
  );
});

test('stopping one answer ends it at once and leaves the others as they would be', async (t) => {
  const { parts } = await openTinyModel(t);
  const alone: number[][] = [];
  for (const text of questions) alone.push((await answer(parts, ask(text))).end.tokenIds);
  const control = new AbortController();
  let heard = 0;
  const answers = await Promise.all(
    questions.map(async (text, index) => {
      const events: GenerationEvent[] = [];
      const { signal } = index === 2 ? control : new AbortController();
      for await (const event of generate(parts, ask(text), signal)) {
        events.push(event);
        if (index === 2 && event.type === 'text' && ++heard === 4) control.abort();
      }
      return events.at(-1) as Extract<GenerationEvent, { type: 'end' }>;
    }),
  );
  assert.deepEqual(
    answers.map(({ stopReason }) => stopReason),
    ['length', 'length', 'aborted', 'length', 'length'],
  );
  assert.deepEqual(answers[2]!.tokenIds, alone[2]!.slice(0, 4));
  for (const index of [0, 1, 3, 4]) assert.deepEqual(answers[index]!.tokenIds, alone[index]);
});

test('several answers to one prompt equal those of their seeds one by one, and read the prompt once', async (t) => {
  const { parts } = await openTinyModel(t);
  const generation = { maxNewTokens: 20, temperature: 1, seed: 3 };
  const single: number[][] = [];
  for (const seed of [3, 4, 5, 6]) {
    single.push(
      (await answer(parts, ask('Say anything.', { generation: { ...generation, seed } }))).end.tokenIds,
    );
  }
  assert.notDeepEqual(single[0], single[1], 'the seeds differ in what they say (control)');
  const fresh = await openTinyModel(t);
  const counted = countingRuns(fresh.parts);
  const { events } = await answer(
    counted.parts,
    ask('Say anything.', { generation: { ...generation, n: 4 } }),
  );
  const ends = events.filter((event) => event.type === 'end');
  assert.deepEqual(
    ends.toSorted((a, b) => a.choice! - b.choice!).map(({ tokenIds }) => tokenIds),
    single,
  );
  for (const { choice, tokenIds } of ends) {
    const streamed = events.flatMap((event) =>
      event.type === 'text' && event.choice === choice ? event.tokenIds : [],
    );
    assert.deepEqual(streamed, tokenIds);
  }
  assert.equal(counted.together(), 4);
  assert.equal(events.filter((event) => event.type === 'prompt').length, 1);
});

test('one that fails in a run of many fails alone', async (t) => {
  const { parts } = await openTinyModel(t);
  const expected = await answer(parts, ask('Go.'));
  const doomed = ask('What is it, and what stands beside it on the table?');
  const { promptIds } = await answer(parts, doomed);
  const decoder: GenerationParts['decoder'] = {
    ...parts.decoder,
    async runTogether(steps) {
      const logits = await parts.decoder.runTogether(steps);
      for (const [row, { cache }] of steps.entries()) {
        if (cache.length === promptIds.length + 5) logits[row]!.fill(Number.NaN);
      }
      return logits;
    },
  };
  const faulty = { ...parts, decoder };
  const [good, bad] = await Promise.allSettled([answer(faulty, ask('Go.')), answer(faulty, doomed)]);
  assert.equal(good.status === 'fulfilled' && good.value.end.text, expected.end.text);
  assert.equal(bad.status === 'rejected' && bad.reason.code, 'model_folder_broken');
});

test('a run that memory can’t hold for all is made for each', async (t) => {
  const { parts } = await openTinyModel(t);
  const expected: number[][] = [];
  for (const text of questions) expected.push((await answer(parts, ask(text))).end.tokenIds);
  const decoder: GenerationParts['decoder'] = {
    ...parts.decoder,
    runTogether: () => Promise.reject(new Error('no memory')),
  };
  const answers = await Promise.all(questions.map((text) => answer({ ...parts, decoder }, ask(text))));
  assert.deepEqual(
    answers.map(({ end }) => end.tokenIds),
    expected,
  );
});
