/** The cache on the disk: whose entries are there, what makes one a miss, what goes first, and what a kill leaves. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type CacheLimits, openCacheEntries } from '../../native-models/cache/cache-entries.ts';
import {
  cacheNameOf,
  entriesFolder,
  hashOf,
  marksFolder,
  openCacheFolder,
} from '../../native-models/cache/cache-folder.ts';
import { openSnapshotEntries } from '../../native-models/cache/snapshot-entries.ts';
import { openVisualTokenEntries } from '../../native-models/cache/visual-token-entries.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const first = cacheNameOf('', 'first');
const second = cacheNameOf('', 'second');
const body = Uint8Array.from({ length: 1000 }, (_, at) => at * 7);

async function openFolder(t: TestContext, limits: Partial<CacheLimits> = {}) {
  const folder = join(await temporaryFolder(t), 'caches');
  const entries = openCacheEntries(folder, { maxBytes: 1e6, reserveBytes: 0, ...limits });
  const cache = openCacheFolder(folder);
  await cache.begin(first);
  const write = (key: string, conversation = first, bytes: Uint8Array = body) =>
    entries.write(key, { head: {}, body: [bytes], conversation, sizeBytes: bytes.length });
  return { folder, entries, cache, write };
}

test('what was written comes back, and is gone with the last conversation that uses it', async (t) => {
  const { entries, cache, write } = await openFolder(t);
  await cache.begin(second);
  assert.equal(await write('shared'), true);
  assert.equal(await entries.use('shared', second), true);
  assert.equal(await write('own'), true);
  assert.deepEqual((await entries.read('shared'))?.body, body);

  await cache.forget(first);
  assert.deepEqual((await entries.read('shared'))?.body, body);
  assert.equal(await entries.read('own'), null);
  await cache.forget(second);
  assert.equal(await entries.read('shared'), null);
  assert.equal(await cache.measure(), 0);
});

test('nothing is written for a conversation that never began or was deleted, even while it was being written', async (t) => {
  const { folder, entries, cache, write } = await openFolder(t);
  assert.equal(await write('stranger', second), false);
  await cache.forget(first);
  assert.equal(await write('late'), false);

  await cache.begin(first);
  async function* deletedOnTheWay() {
    yield body;
    await cache.forget(first);
    yield body;
  }
  const entry = { head: {}, body: deletedOnTheWay(), conversation: first, sizeBytes: 2000 };
  assert.equal(await entries.write('meanwhile', entry), false);
  assert.deepEqual(await readdir(entriesFolder(folder)), []);
  assert.deepEqual(await readdir(marksFolder(folder)), []);
});

test('a changed byte anywhere, a cut at any length, more bytes and another entry’s file are misses', async (t) => {
  const { folder, entries, write } = await openFolder(t);
  await write('entry');
  const path = join(entriesFolder(folder), 'entry');
  const whole = await readFile(path);
  const random = createRandom(8);
  const places = Array.from({ length: 60 }, () => Math.floor(random() * whole.length));
  for (const at of [0, 9, 13, 25, 60, 84, whole.length - 1, ...places]) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 1 << Math.floor(random() * 8);
    await writeFile(path, changed);
    assert.equal(await entries.read('entry'), null, `byte ${at}`);
  }
  for (const length of [0, 7, 50, 84, 100, whole.length - 1]) {
    await writeFile(path, whole.subarray(0, length));
    assert.equal(await entries.read('entry'), null, `${length} bytes`);
  }
  await writeFile(path, Buffer.concat([whole, Buffer.of(0)]));
  assert.equal(await entries.read('entry'), null);

  await writeFile(path, whole); // the control: the file itself is fine
  assert.deepEqual((await entries.read('entry'))?.body, body);
  await writeFile(join(entriesFolder(folder), 'other'), whole);
  assert.equal(await entries.read('other'), null);
});

test('the longest unused go when the limit is reached, and nothing takes more than a quarter of it', async (t) => {
  const { folder, entries, cache, write } = await openFolder(t, { maxBytes: 5000 });
  for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) {
    await write(key);
    const past = new Date(Date.now() - 100_000 + index);
    await utimes(join(entriesFolder(folder), key), past, past);
  }
  await entries.read('a');
  await write('e');
  assert.deepEqual((await readdir(entriesFolder(folder))).toSorted(), ['a', 'c', 'd', 'e']);
  assert.ok((await cache.measure()) <= 5000);
  assert.equal(await write('large', first, new Uint8Array(1300)), false);
});

test('a limit of nothing keeps nothing', async (t) => {
  const { write, cache } = await openFolder(t, { maxBytes: 0 });
  assert.equal(await write('any'), false);
  assert.equal(await cache.measure(), 0);
});

test('room is left to everybody else on the disk', async (t) => {
  const { write } = await openFolder(t, { reserveBytes: Number.MAX_SAFE_INTEGER });
  assert.equal(await write('any'), false);
});

test('a full disk costs only the entry', async (t) => {
  const disk = mountSmallDisk(t, 1);
  if (!disk) return;
  const cache = openCacheFolder(disk.folder);
  await cache.begin(first);
  const entries = openCacheEntries(disk.folder, { maxBytes: 1e9, reserveBytes: 0 });
  const tooMuch = Array.from({ length: 40 }, () => new Uint8Array(65_536));
  const entry = { head: {}, body: tooMuch, conversation: first, sizeBytes: 1000 };
  assert.equal(await entries.write('entry', entry), false);
  assert.deepEqual(await readdir(entriesFolder(disk.folder)), []);
  assert.equal(await entries.write('small', { ...entry, body: [body] }), true);
});

test('the start keeps only conversations that are there, and clears away what a kill left', async (t) => {
  const { folder, entries, cache, write } = await openFolder(t);
  await cache.begin(second);
  await write('kept', second);
  await write('dropped', first);
  await writeFile(join(entriesFolder(folder), 'new-half'), 'cut off');
  await mkdir(join(folder, 'v0'));
  await cache.keepOnly([second]);
  assert.deepEqual(await readdir(entriesFolder(folder)), ['kept']);
  assert.deepEqual(await readdir(folder), ['v1']);
  assert.ok(await entries.read('kept'));
});

test('clearing empties the cache, and conversations go on to be kept', async (t) => {
  const { entries, cache, write } = await openFolder(t);
  await write('before');
  await cache.clear();
  assert.equal(await cache.measure(), 0);
  assert.equal(await write('after'), true);
  assert.ok(await entries.read('after'));
});

test('visual tokens are found by the same picture, owner and model alone', async (t) => {
  const { entries } = await openFolder(t);
  const open = (model: string, tileLength = 3) =>
    openVisualTokenEntries(entries, { model, tileLength, type: 'F16' });
  const tiles = [Float32Array.of(0.5, -2, 3), Float32Array.of(1, 2, 65_504)];
  const keeper = { owner: '', conversation: first };
  assert.equal(await open('m').keep('picture', tiles, keeper), true);
  assert.deepEqual(await open('m').read('picture', ''), tiles);
  assert.equal(await open('m').read('picture', 'somebody else'), null);
  assert.equal(await open('m').read('another', ''), null);
  assert.equal(await open('n').read('picture', ''), null);
  assert.equal(await open('m').keep('beyond fp16', [Float32Array.of(1, 2, 1e6)], keeper), false);
});

test('a snapshot comes back with its tokens, positions and pictures; a broken one is a miss', async (t) => {
  const { folder, entries } = await openFolder(t);
  const shape = { layerCount: 2, kvHeadCount: 2, headDim: 2 };
  const open = (model = 'm') => openSnapshotEntries(entries, { model, shape, breathe: async () => {} });
  const key = {
    ids: [5, 6, 6, 7],
    positions: [0, 0.25, 0.5, 1.5],
    pictures: ['', 'p', 'p', ''],
    said: [true, false, false, true],
  };
  const layer = (from: number) => Float32Array.from({ length: 16 }, (_, at) => from + at / 4);
  const rows = { length: 4, keys: [layer(0), layer(8)], values: [layer(-8), layer(32)] };
  const keeper = { owner: '', conversation: first };
  assert.equal(await open().write(keeper, { key, rows }), true);
  assert.deepEqual(await open().read(keeper, () => true), { key, rows });
  assert.equal(await open().read(keeper, () => false), null);
  assert.equal(await open('n').read(keeper, () => true), null);
  assert.equal(await open().read({ owner: 'x', conversation: first }, () => true), null);

  const [name] = await readdir(entriesFolder(folder));
  const path = join(entriesFolder(folder), name!);
  const whole = await readFile(path);
  whole[whole.length - 3]! ^= 4;
  await writeFile(path, whole);
  assert.equal(await open().read(keeper, () => true), null);
});

test('names in the folder tell neither the conversation nor the owner', () => {
  assert.match(cacheNameOf('owner', 'id'), /^[0-9a-f]{64}$/);
  assert.notEqual(cacheNameOf('a', 'b'), cacheNameOf('ab', ''));
  assert.notEqual(hashOf(['a']), hashOf('a'));
});
