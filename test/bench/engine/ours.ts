/** Our own engine, measured between its stages as the product runs them. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type * as ort from 'onnxruntime-node';
import { cpuDevice } from '../../../native-models/inference/device.ts';
import { type GenerationParts, generate } from '../../../native-models/inference/generate.ts';
import { startClock } from '../../../native-models/inference/generation-clock.ts';
import { createGrowingAnswer } from '../../../native-models/inference/growing-answer.ts';
import { prefill } from '../../../native-models/inference/prefill.ts';
import { createRandom } from '../../../native-models/inference/random.ts';
import { keyOf, type Sequence } from '../../../native-models/inference/sequence.ts';
import { createSequencePool } from '../../../native-models/inference/sequence-pool.ts';
import { openSession } from '../../../native-models/inference/session.ts';
import { createTokenChooser } from '../../../native-models/inference/token-chooser.ts';
import { openModelParts } from '../../../native-models/inference/vision-language-model.ts';
import { createVisualTokenCache } from '../../../native-models/inference/visual-tokens.ts';
import { writeAnswer } from '../../../native-models/inference/write-answer.ts';
import { makeTiles } from '../../../native-models/media/tiles.ts';
import { createGraph } from '../../../native-models/onnx/graph.ts';
import { windowPerplexity } from './perplexity.ts';
import { decodedTokens, type Row, rows, type Setting, tokensOf } from './rows.ts';

const never = new AbortController().signal;

export interface OurEngine extends Setting {
  /** Share of a decode step's time outside `session.run`, greedy and sampled. */
  measureOverhead(): Promise<{ greedy: number; sampled: number }>;
  close(): Promise<void>;
}

/** @param folder a converted model of the 1B shape; @param text what perplexity is measured on */
export async function openOurs(folder: string, text: string): Promise<OurEngine> {
  const { parts: opened } = await openModelParts(folder);
  const parts: GenerationParts = {
    ...opened,
    tokenizer: { ...opened.tokenizer, stopIds: [] },
    turns: { ...opened.turns, writerCount: () => 2 }, // as beside others: one token a run, nothing is guessed
  };
  const { tileSize } = parts.vision;
  const random = createRandom(3);
  const tile = Float32Array.from({ length: 3 * tileSize * tileSize }, () => random() * 2 - 1);
  let seed = 0;
  const sessionPrototype = await findSessionPrototype();

  const measures: Record<Row, () => Promise<number>> = {
    vision: () => timed(() => parts.vision.encode(tile, 1, (run) => run())),
    prefill512: async () => (await read(512)).elapsedMs,
    prefill3000: async () => (await read(3000)).elapsedMs,
    decode512: () => decode(512),
    decode3000: () => decode(3000),
    firstToken,
  };

  /** A prompt that no earlier one begins like. */
  async function read(tokens: number) {
    seed++;
    const ids = Int32Array.from({ length: tokens }, (_, i) => (i * 7919 + seed * 104_729) % 150_000);
    const prompt = { ids, slots: [] };
    const key = keyOf(prompt, 1);
    const sequence = parts.sequences.take(key);
    const inTurn = parts.turns.forReader('', never);
    const reading = prefill({ ...parts, prompt, key, visualTokens: [], sequence, inTurn });
    let logits: Float32Array = new Float32Array(0);
    const elapsedMs = await timed(async () => {
      for (;;) {
        const step = await reading.next();
        if (!step.done) continue;
        logits = step.value;
        return;
      }
    });
    return { sequence, logits, elapsedMs };
  }

  async function decode(tokens: number, temperature = 0): Promise<number> {
    const { sequence, logits } = await read(tokens);
    return timed(() => writeTokens(sequence, logits, temperature)).then((ms) => ms / decodedTokens);
  }

  async function writeTokens(sequence: Sequence, logits: Float32Array, temperature: number): Promise<void> {
    const open = {
      choice: {},
      answer: createGrowingAnswer(parts.tokenizer),
      chooser: await createTokenChooser(
        parts,
        temperature > 0 ? { temperature, topP: 0.95, seed: 1 } : {},
        [],
      ),
      maxNewTokens: decodedTokens + 1, // the first one is there already
      clock: startClock(),
      placed: {},
    };
    for await (const _ of writeAnswer(parts, open, { sequence, logits, signal: never }));
  }

  /** A picture never seen before, asked about with empty caches. */
  async function firstToken(): Promise<number> {
    const side = 3 * tileSize;
    const pixels = Uint8Array.from({ length: side * side * 3 }, () => random() * 256);
    const limits = { tileSize, minTiles: 1, maxTiles: 9, useThumbnail: true };
    const picture = makeTiles({ width: side, height: side, pixels }, limits);
    const cold: GenerationParts = {
      ...parts,
      visualTokenCache: createVisualTokenCache(),
      sequences: createSequencePool(parts.decoder, { tokens: 1e6, requests: 1, reportEveryMs: 5000 }),
    };
    const content = [
      { type: 'pictures' as const, pictures: [picture] },
      { type: 'text' as const, text: '\nWhat does it say?' },
    ];
    const request = {
      messages: [{ role: 'user' as const, parts: content }],
      generation: { maxNewTokens: 1 },
    };
    return timed(async () => {
      for await (const event of generate(cold, request, never)) if (event.type === 'text') return;
    });
  }

  const engine: OurEngine = {
    name: 'vision int8, decoder int4',
    rows,
    bytesPerToken: ['decoder.bin', 'lm-head.bin'].reduce(
      (sum, file) => sum + statSync(join(folder, file)).size,
      0,
    ),
    perplexity: await windowPerplexity(parts, text),
    measure: (row) => measures[row](),
    async measureOverhead() {
      const share = async (temperature: number) => {
        const { sequence, logits } = await read(tokensOf.decode512!);
        const inside = countSessionTime(sessionPrototype);
        const totalMs = await timed(() => writeTokens(sequence, logits, temperature));
        return 1 - inside.end() / totalMs;
      };
      return { greedy: await share(0), sampled: await share(0.8) };
    },
    close: async () => {
      for (const part of [parts.embedder, parts.vision, parts.decoder]) await part.close();
    },
  };
  for (const row of ['vision', 'prefill512', 'decode512'] as const) await engine.measure(row); // warm
  return engine;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function findSessionPrototype(): Promise<{ run: ort.InferenceSession['run'] }> {
  const graph = createGraph('nothing');
  const given = graph.input('a', 'float32', [1]);
  graph.output('b', graph.op('Identity', [given]), 'float32', [1]);
  const session = await openSession(graph.encode(), { folder: '', device: cpuDevice, threads: 1 });
  const prototype = Object.getPrototypeOf(session);
  await session.release();
  return prototype;
}

/** Adds up the time inside `session.run` until `end`; the engine's sessions all have the one prototype. */
function countSessionTime(prototype: { run: ort.InferenceSession['run'] }): { end(): number } {
  const { run } = prototype;
  let insideMs = 0;
  prototype.run = async function (this: ort.InferenceSession, ...given: Parameters<typeof run>) {
    const startedMs = performance.now();
    const outputs = await run.apply(this, given);
    insideMs += performance.now() - startedMs;
    return outputs;
  } as typeof run;
  return {
    end() {
      prototype.run = run;
      return insideMs;
    },
  };
}
