/** The disk's caches under a real model: faster, and never another answer. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { cacheNameOf, entriesFolder, openCacheFolder } from '../../native-models/cache/cache-folder.ts';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import type { GenerationParts } from '../../native-models/inference/generate.ts';
import type { GenerationRequest, Message } from '../../native-models/inference/generation-types.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { createSequencePool } from '../../native-models/inference/sequence-pool.ts';
import { openModelParts } from '../../native-models/inference/vision-language-model.ts';
import { createVisualTokenCache } from '../../native-models/inference/visual-tokens.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { answer, closeParts, noisePicture, tinyCheckpoint, userTurn } from '../support/tiny-model.ts';

const keep = cacheNameOf('', 'conversation');
const greedy = { maxNewTokens: 12 };

interface CachedModel {
  parts: GenerationParts;
  folder: string;
  /** The same model as after a restart: nothing in memory, the same disk. */
  restarted(disk?: GenerationParts['disk']): GenerationParts;
  ask(
    parts: GenerationParts,
    messages: Message[],
    more?: Partial<GenerationRequest>,
  ): ReturnType<typeof answer>;
  firstTurn: Message[];
}

async function openCachedModel(t: TestContext): Promise<CachedModel> {
  const folder = await temporaryFolder(t);
  const model = join(folder, 'model');
  await convertCheckpoint({ checkpoint: tinyCheckpoint, out: model, precision: 'int8' });
  const disk = { folder: join(folder, 'caches'), maxBytes: 1e8, reserveBytes: 0 };
  await openCacheFolder(disk.folder).begin(keep);
  const { parts, description } = await openModelParts(model, { disk });
  t.after(() => closeParts(parts));
  const limits = { tokens: 1e5, requests: 8, reportEveryMs: 5000 };
  return {
    parts,
    folder: disk.folder,
    restarted: (disk = parts.disk) => ({
      ...parts,
      disk,
      visualTokenCache: createVisualTokenCache(),
      sequences: createSequencePool(parts.decoder, limits),
    }),
    ask: (using, messages, more = {}) => answer(using, { messages, generation: greedy, keep, ...more }),
    firstTurn: [
      userTurn(
        'What is this, and what stands beside it?',
        noisePicture(description, { width: 300, height: 200 }),
      ),
    ],
  };
}

/** The conversation so far and one more question. */
function followUp(before: Message[], said: string, question: string): Message[] {
  return [...before, { role: 'assistant', parts: [{ type: 'text', text: said }] }, userTurn(question)];
}

test('after a restart the picture is not looked at again and the past is not read again', async (t) => {
  const { parts, folder, restarted, ask, firstTurn } = await openCachedModel(t);
  const first = await ask(parts, firstTurn);
  const second = followUp(firstTurn, first.end.text, 'And its colour?');
  await parts.disk!.flush();
  assert.equal((await readdir(entriesFolder(folder))).length, 2);

  const cold = await ask(restarted(null), second);
  const warm = await ask(restarted(), second);
  assert.deepEqual(warm.end.tokenIds, cold.end.tokenIds);
  assert.ok(cold.events.some(({ type }) => type === 'vision'));
  assert.ok(warm.events.every(({ type }) => type !== 'vision'));
  assert.equal(cold.end.timings.reusedPromptTokens, 0);
  assert.ok(warm.end.timings.reusedPromptTokens >= first.promptIds.length);
});

test('a picture kept for one conversation is not looked at again in another, unless another owner asks', async (t) => {
  const { parts, folder, restarted, ask, firstTurn } = await openCachedModel(t);
  await ask(parts, firstTurn);
  await parts.disk!.flush();
  const other = cacheNameOf('', 'other');
  await openCacheFolder(folder).begin(other);
  const looksAgain = async (more: Partial<GenerationRequest>, using = restarted()) =>
    (await ask(using, firstTurn, more)).events.some(({ type }) => type === 'vision');
  assert.equal(await looksAgain({ keep: other }), false);
  assert.equal(await looksAgain({ keep: other, client: 'stranger' }), true);

  const inMemory = restarted(null);
  await ask(inMemory, firstTurn);
  assert.equal(await looksAgain({}, inMemory), false);
  assert.equal(await looksAgain({ client: 'stranger' }, inMemory), true);
  const again = await ask(inMemory, firstTurn, { client: 'third' });
  assert.equal(again.end.timings.reusedPromptTokens, 0);
  await parts.disk!.flush(); // before the folder goes
});

test('a request that keeps nothing leaves no trace on the disk and meets none', async (t) => {
  const { parts, folder, restarted, firstTurn } = await openCachedModel(t);
  await answer(parts, { messages: firstTurn, generation: greedy });
  await parts.disk!.flush();
  assert.deepEqual(await readdir(entriesFolder(folder)), []);

  await answer(parts, { messages: firstTurn, generation: greedy, keep }); // the control: this one does
  await parts.disk!.flush();
  assert.notDeepEqual(await readdir(entriesFolder(folder)), []);
  const unkept = await answer(restarted(), { messages: firstTurn, generation: greedy });
  assert.ok(unkept.events.some(({ type }) => type === 'vision'));
});

test('answers are the same with caches on, off, and broken at any bytes', async (t) => {
  const { parts, folder, restarted, ask, firstTurn } = await openCachedModel(t);
  const first = await ask(restarted(null), firstTurn);
  const second = followUp(firstTurn, first.end.text, 'And its colour?');
  const expected = [first.end.tokenIds, (await ask(restarted(null), second)).end.tokenIds];
  const random = createRandom(21);
  const pick = (count: number) => Math.floor(random() * count);
  let reused = 0;

  for (let round = 0; round < 12; round++) {
    await openCacheFolder(folder).clear();
    const answers = await ask(restarted(), firstTurn);
    await parts.disk!.flush();
    const broken = (await readdir(entriesFolder(folder))).filter(() => round > 0 && random() < 0.7);
    for (const name of broken) {
      const path = join(entriesFolder(folder), name);
      const bytes = await readFile(path);
      for (let change = 0; change <= pick(3); change++) bytes[pick(bytes.length)]! ^= 1 << pick(8);
      await writeFile(path, random() < 0.2 ? bytes.subarray(0, pick(bytes.length)) : bytes);
    }
    const next = await ask(restarted(), second);
    reused += next.end.timings.reusedPromptTokens;
    assert.deepEqual([answers.end.tokenIds, next.end.tokenIds], expected, `round ${round}`);
  }
  assert.ok(reused > 0, 'no round met a whole snapshot, so nothing was compared');
});

test('a question that comes while a snapshot is written does not wait for it', async (t) => {
  const { parts, ask, firstTurn } = await openCachedModel(t);
  await ask(parts, firstTurn);
  const end = parts.disk!.beginRequest();
  let isWritten = false;
  parts.disk!.whenIdle('late', async () => {
    isWritten = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.equal(isWritten, false);
  end();
  await new Promise((resolve) => setTimeout(resolve, 900));
  assert.equal(isWritten, true);
});
