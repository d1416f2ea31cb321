/** The engine while it waits for a server: words every few seconds, and the model that comes in the end. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { VisionLanguageModel } from '../../native-models/inference/generation-types.ts';
import { createEngine } from '../../native-models/process/engine-handlers.ts';

test('a server that takes long to answer is no silence, so that nobody takes the engine for hung', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const answered = Promise.withResolvers<VisionLanguageModel>();
  const neverOpened = async () => assert.fail('no folder is opened');
  const engine = createEngine(neverOpened, () => answered.promise);
  const address = { url: 'https://gpu.example.org', model: null, key: null };
  const events = engine.handlers.connectModel(address, new AbortController().signal)[Symbol.asyncIterator]();
  const first = await events.next();
  assert.deepEqual(first.value, { type: 'progress', done: 0, total: 1 });
  const waiting = events.next();
  await new Promise(setImmediate);
  t.mock.timers.tick(5000);
  assert.deepEqual((await waiting).value, { type: 'progress', done: 0, total: 1 });
  const description = { name: 'there', notes: [], remote: { host: 'gpu.example.org', server: 'vLLM' } };
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  answered.resolve({ description, close: async () => close() } as unknown as VisionLanguageModel);
  const loaded = await events.next();
  assert.ok(!loaded.done && loaded.value.type === 'loaded' && loaded.value.description.name === 'there');
  await events.next();
  await engine.close();
  await closed;
});
