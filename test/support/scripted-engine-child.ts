/**
 * A stand-in for the engine process: it speaks the engine's contract through the real handlers, but its model replays
 * what the last message that begins with one of its verbs asks for. `say <words>` streams words, `count <n> <ms>`
 * streams numbers, `ponder <n> <ms>` does so as a thought and then answers, `long <n>` answers at length, `seed` tells the seed it was asked with, `describe` tells what it was asked, `die` and `block` do so.
 */
import { createHash } from 'node:crypto';
import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  GenerationEvent,
  GenerationRequest,
  ModelDescription,
  VisionLanguageModel,
} from '../../native-models/inference/generation-types.ts';
import { mergeStreams } from '../../native-models/inference/merge-streams.ts';
import { engineContract } from '../../native-models/process/engine-contract.ts';
import { createEngine } from '../../native-models/process/engine-handlers.ts';
import { serveChild } from '../../native-models/process/serve-child.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { scriptedDescription } from './scripted-description.ts';

/** A folder's manifest.json may change what the model says about itself; without one the folder is broken. */
async function openScripted(folder: string): Promise<VisionLanguageModel> {
  const manifest = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => '');
  if (!manifest.startsWith('{'))
    throw new AppError('model_folder_broken', 'The converted model can not be used.');
  // `too-large` never fits; `crowded` does when it is tried again.
  const crowded = join(folder, 'crowded');
  if ((await exists(join(folder, 'too-large'))) || (await exists(crowded))) {
    await rm(crowded, { force: true });
    throw new AppError('out_of_memory', 'This model needs about 9.0 GB of memory, 1.0 GB are free.');
  }
  const told = JSON.parse(manifest) as Record<string, unknown>;
  const known = Object.entries(told).filter(([key]) => key in scriptedDescription || key === 'remote');
  return {
    description: { ...scriptedDescription, ...(Object.fromEntries(known) as Partial<ModelDescription>) },
    encodeText: (text) => Array.from(text, (character) => character.codePointAt(0)!),
    generate,
    // Pictures are not told apart by it: a test that looks at numbers takes a real model.
    async *embed({ part }) {
      const vector = Float32Array.of(part.type === 'text' ? part.text.length : 0, 1);
      yield { type: 'embedding', vector, tokenCount: 1 };
    },
    // The greater the number a step ends in, the worse it is.
    async *judge({ messages }) {
      const steps = messages.flatMap(({ role, parts }) => (role === 'user' ? [parts.at(-1)] : []));
      const numbers = steps.map((step) =>
        Number(/(\d+)\s*$/.exec(step?.type === 'text' ? step.text : '')?.[1]),
      );
      yield { type: 'judged', scores: numbers.map((number) => (100 - number) / 100) };
    },
    async close() {},
  };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** What the app puts behind a person's words where values are extracted; it is no part of the script. */
const schemaRule = '\n\nAnswer with the values as JSON';
const verbs = new Set(['say', 'count', 'ponder', 'long', 'describe', 'seed', 'die', 'block']);

/** Several answers are written side by side, as the real engine writes them. */
async function* generate(
  request: GenerationRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void, void> {
  const { n = 1, seed = 0, greedyFirst, ...rest } = request.generation ?? {};
  if (n === 1) return yield* generateOne(request, signal);
  const answers = Array.from({ length: n }, async function* (_, choice): AsyncGenerator<
    GenerationEvent,
    void,
    void
  > {
    const chance = choice === 0 && greedyFirst ? { temperature: 0 } : {};
    const own = { ...request, generation: { ...rest, ...chance, seed: seed + choice } };
    for await (const event of generateOne(own, signal)) {
      if (event.type === 'text' || event.type === 'end') yield { ...event, choice };
      else if (choice === 0) yield event;
    }
  });
  yield* mergeStreams(answers);
}

async function* generateOne(
  request: GenerationRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void, void> {
  const texts = request.messages.map(({ parts }) => parts.at(-1)).filter((part) => part?.type === 'text');
  const asked = texts
    .map(({ text }) => text.split(schemaRule, 1)[0]!.trim().split(' '))
    .findLast(([word = '']) => verbs.has(word));
  const [verb = '', ...words] = asked ?? [];
  yield { type: 'vision', done: 1, total: 1 };
  yield { type: 'prompt', tokenIds: Array.from({ length: verb === 'long' ? 10_000 : 3 }, (_, id) => id) };
  yield { type: 'prefill', done: 3, total: 3 };
  const said = { text: '', tokenIds: [] as number[] };
  for await (const text of script(verb, words, request)) {
    if (signal.aborted) break;
    said.text += text;
    said.tokenIds.push(said.tokenIds.length);
    const id = said.tokenIds.length - 1;
    // The greater the seed, the surer.
    const logprob = -1 / (1 + (request.generation?.seed ?? 0));
    const weighed = { id, logprob, bytes: [...Buffer.from(text)], top: [] };
    const logprobs = request.generation?.topLogprobs === undefined ? {} : { logprobs: [weighed] };
    yield { type: 'text', text, tokenIds: [id], ...logprobs };
  }
  const timings = { visionMs: 1, prefillMs: 2, firstTokenMs: 3, decodeMs: 4, decodeTokensPerSecond: 5 };
  const stopReason = signal.aborted ? 'aborted' : 'eos';
  yield { type: 'end', stopReason, ...said, timings: { ...timings, reusedPromptTokens: 0 } };
}

async function* script(verb: string, words: string[], request: GenerationRequest): AsyncGenerator<string> {
  if (verb === 'die') process.kill(process.pid, 'SIGKILL');
  if (verb === 'block') {
    yield 'blocking ';
    await sleep(50); // so that it is heard
    for (;;);
  }
  if (verb === 'describe') yield* JSON.stringify(describeRequest(request)).match(/.{1,1000}/gs) ?? [];
  if (verb === 'seed') yield `${request.generation?.seed ?? 0}`;
  if (verb === 'say') for (const word of words) yield `${word} `;
  const [count = 0, everyMs = 0] = words.map(Number);
  if (verb === 'ponder') yield '<think>';
  for (let number = 1; number <= count && ['count', 'ponder', 'long'].includes(verb); number += 1) {
    if (verb !== 'long') await sleep(everyMs);
    yield verb === 'long' ? 'word ' : `${number} `;
  }
  if (verb === 'ponder') yield '</think>\nPondered.';
}

function describeRequest(request: GenerationRequest): unknown {
  const { messages, ...rest } = request;
  const hash = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
  const described = messages.map(({ role, parts }) => [
    role,
    ...parts.map((part) =>
      part.type === 'text'
        ? part.text.length > 200
          ? hash(part.text)
          : part.text
        : part.pictures.map(({ pixels, ...header }) => ({ ...header, pixels: hash(pixels) })),
    ),
  ]);
  return { messages: described, ...rest };
}

const engine = createEngine(openScripted);
serveChild(engineContract, engine.handlers, engine.close);
