/** The pipeline on a server: the same calls as on a model here, with whole pictures, batches and sessions. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadImage, pipeline } from '../../native-models/index.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { type MockServed, startMockModelServer } from '../support/mock-model-server.ts';

const samples = join(fileURLToPath(new URL('../..', import.meta.url)), 'assets', 'samples');

async function start(t: TestContext, served: MockServed = {}) {
  const server = await startMockModelServer({ key: 'sk-1', ...served });
  t.after(() => server.close());
  const pipe = await pipeline(server.origin, { key: 'sk-1' });
  t.after(() => pipe.close());
  return { server, pipe };
}

test('a prompt, a stream, a list of prompts and several answers come from the server', async (t) => {
  const { pipe, server } = await start(t);
  const response = await pipe('hi');
  assert.equal(response.text, 'The cat sleeps.');
  assert.deepEqual([response.inputTokenLen, response.generateTokenLen], [21, 3]);
  let streamed = '';
  for await (const { text } of pipe.stream('hi')) streamed += text;
  assert.equal(streamed, response.text);
  const batch = await pipe(['one', 'two', 'three']);
  assert.deepEqual(
    batch.map(({ text }) => text),
    Array(3).fill('The cat sleeps.'),
  );
  const several = await pipe('hi', { generation: { n: 2, temperature: 1, logprobs: 0 } });
  assert.deepEqual(
    several.choices.map(({ text, logprobs }) => [text, logprobs?.length]),
    [
      ['The cat sleeps.', 3],
      ['THE CAT SLEEPS.', 3],
    ],
  );
  assert.ok(server.requests.every(({ authorization }) => authorization === 'Bearer sk-1'));
});

test('pictures and turns go along whole, numbered over the turns', async (t) => {
  const { pipe, server } = await start(t, { ownedBy: 'lmdeploy' });
  const picture = await loadImage(join(samples, 'receipt.png'), { maxTiles: 6 });
  const first = await pipe.chat(['What is it?', picture]);
  await pipe.chat(['And this?', picture], { session: first });
  const messages = server.requests.at(-1)!.body.messages as {
    role: string;
    content: string | { text?: string; image_url?: { url: string; max_dynamic_patch: number } }[];
  }[];
  assert.deepEqual(
    messages.map(({ role }) => role),
    ['user', 'assistant', 'user'],
  );
  const [question, , later] = messages.map(({ content }) => content);
  assert.ok(Array.isArray(question) && Array.isArray(later));
  assert.equal(question[0]!.text, '<IMAGE_TOKEN>\nWhat is it?');
  assert.equal(later[0]!.text, 'Image-2: <IMAGE_TOKEN>\nAnd this?');
  const image = question[1]!.image_url!;
  assert.equal(image.max_dynamic_patch, 6);
  const png = Buffer.from(image.url.split(',')[1]!, 'base64');
  assert.deepEqual(
    [png.readUInt32BE(16), png.readUInt32BE(20)],
    [picture.picture.width, picture.picture.height],
  );
});

test('what a server decides by itself is refused, and so is an address in the clear', async (t) => {
  const { server } = await start(t);
  const isRefused = (error: unknown) => error instanceof AppError && error.code === 'invalid_request';
  await assert.rejects(pipeline(server.origin, { key: 'sk-1', precision: 'int8' }), isRefused);
  await assert.rejects(pipeline('http://gpu.example.org:23333', { key: 'sk-1' }), isRefused);
});
