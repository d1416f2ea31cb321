/** A device's cache by its rules alone: what is shared, when something is copied, and when memory is given back. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Tensor } from 'onnxruntime-node';
import {
  createDeviceCache,
  type DeviceCopies,
  type PastTensors,
} from '../../native-models/inference/kv-device-cache.ts';

/** Tensors that are lists of tokens, and remember whether they were given back. */
function createCounting() {
  const alive = new Set<object>();
  const hold = (tokens: number[]): PastTensors => {
    const tensor = { tokens, dispose: () => assert.ok(alive.delete(tensor), 'given back once') };
    alive.add(tensor);
    return { 'past_key.0': tensor as unknown as Tensor };
  };
  const tokensOf = (past: PastTensors) => {
    const tensor = past['past_key.0'] as unknown as { tokens: number[] } | undefined;
    if (tensor) assert.ok(alive.has(tensor), 'read after it was given back');
    return tensor?.tokens ?? [];
  };
  const copies = { cut: 0, download: 0, upload: 0 };
  const device: DeviceCopies = {
    async cut(past, length) {
      copies.cut += 1;
      return hold(tokensOf(past).slice(0, length));
    },
    async download(past, length) {
      copies.download += 1;
      return { length, keys: [Float32Array.from(tokensOf(past).slice(0, length))], values: [] };
    },
    async upload({ keys }) {
      copies.upload += 1;
      return hold([...keys[0]!]);
    },
    empty: () => ({}),
  };
  /** One run: the past and a new token. */
  const write = async (cache: ReturnType<typeof createDeviceCache>, ...tokens: number[]) => {
    const past = tokensOf(await cache.past());
    const { 'past_key.0': present } = hold([...past, ...tokens]);
    cache.take({ 'present_key.0': present!, logits: {} as Tensor }, tokens.length);
  };
  const read = async (cache: ReturnType<typeof createDeviceCache>) => tokensOf(await cache.past());
  return { device, copies, alive, write, read };
}

test('each run’s past is given back once the next one is there, and all of it at the end', async () => {
  const { device, alive, write, read } = createCounting();
  const cache = createDeviceCache(device);
  await write(cache, 1, 2, 3);
  for (let token = 4; token < 20; token++) await write(cache, token);
  assert.equal(alive.size, 1);
  assert.equal(cache.length, 19);
  assert.deepEqual((await read(cache)).slice(-2), [18, 19]);
  cache.release();
  assert.equal(alive.size, 0);
  assert.equal(cache.length, 0);
});

test('a fork shares what is there; the memory stays until the last of them leaves', async () => {
  const { device, alive, copies, write, read } = createCounting();
  const cache = createDeviceCache(device);
  await write(cache, 1, 2);
  const forks = [cache.fork(), cache.fork()];
  assert.equal(alive.size, 1, 'nothing was copied');
  await write(cache, 3);
  assert.deepEqual(await read(forks[0]!), [1, 2]);
  cache.release();
  forks[0]!.release();
  assert.deepEqual(await read(forks[1]!), [1, 2]);
  await write(forks[1]!, 9);
  assert.deepEqual(await read(forks[1]!), [1, 2, 9]);
  forks[1]!.release();
  assert.equal(alive.size, 0);
  assert.deepEqual(copies, { cut: 0, download: 0, upload: 0 });
});

test('truncates cost one copy when the cache is next used, and none where all is forgotten', async () => {
  const { device, alive, copies, write, read } = createCounting();
  const cache = createDeviceCache(device);
  await write(cache, 1, 2, 3, 4);
  const whole = cache.fork();
  for (const length of [3, 2]) cache.truncate(length);
  cache.truncate(7); // more than it has
  assert.equal(cache.length, 2);
  assert.equal(copies.cut, 0);
  assert.deepEqual(await read(cache), [1, 2]);
  assert.deepEqual(await read(whole), [1, 2, 3, 4]);
  assert.equal(copies.cut, 1);
  cache.truncate(0);
  assert.deepEqual(await read(cache), []);
  assert.equal(copies.cut, 1);
  whole.release();
  assert.equal(alive.size, 0);
});

test('a snapshot comes back, shortened before it was ever on the device', async () => {
  const { device, alive, copies, write, read } = createCounting();
  const cache = createDeviceCache(device);
  await write(cache, 1, 2, 3);
  const snapshot = await cache.snapshot();
  cache.release();
  const restored = createDeviceCache(device, snapshot);
  assert.equal(restored.length, 3);
  assert.equal(copies.upload, 0, 'not before it is used');
  restored.truncate(2);
  await write(restored, 7);
  assert.deepEqual(await read(restored), [1, 2, 7]);
  assert.deepEqual((await restored.snapshot()).keys[0], Float32Array.of(1, 2, 7));
  restored.release();
  assert.equal(alive.size, 0);
});
