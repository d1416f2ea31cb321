/** A model folder with a damaged byte: found wherever it lies, mended by what the model was made of, and by nothing else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, cp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { childFiles, createChildren } from '../../main/cli/children.ts';
import { findDamagedFiles, refuseDamagedFolder } from '../../main/service/models/find-damage.ts';
import { createBandwidth } from '../../main/service/models/hub/bandwidth.ts';
import { describeHub } from '../../main/service/models/hub/hub-request.ts';
import { openModelLibrary } from '../../main/service/models/model-library.ts';
import type { ModelOrigin } from '../../main/service/models/model-origin.ts';
import { openOrigin } from '../../main/service/models/open-origin.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { modelIdSchema } from '../../preload/contract/ids.ts';
import type { Precision } from '../../preload/contract/precision.ts';
import { startMockHub } from '../support/mock-hub.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeTinyExport } from '../support/tiny-export.ts';
import { tinyCheckpoint } from '../support/tiny-model.ts';

const { signal } = new AbortController();
const quiet = { onProgress() {}, signal };

/** A library with a model made of `path`. */
async function withModel(
  t: TestContext,
  {
    path,
    precision,
    origin = { type: 'path', path },
  }: {
    path: string;
    precision: Precision;
    origin?: ModelOrigin;
  },
) {
  const library = join(await temporaryFolder(t), 'models');
  const children = createChildren(childFiles);
  t.after(() => children.shutdownAll());
  const opened = openModelLibrary({
    folder: () => library,
    demoCheckpoint: tinyCheckpoint,
    convertClient: children.convert().client,
  });
  const id = modelIdSchema.parse('one');
  await opened.convert({ path, precision, id, origin }, quiet);
  const place = {
    library,
    cache: library,
    openHub: () => Promise.reject(new Error('nothing is to be fetched')),
    bandwidth: createBandwidth(),
    onFetching() {},
    onUnpacking() {},
    signal,
  };
  const repair = () =>
    opened.repair(id, {
      ...quiet,
      openOrigin: async (origin) => (await openOrigin(origin, place)).folder,
    });
  return { opened, id, repair, place, folder: join(library, id) };
}

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  buffer[0]! ^= 1 << (at % 8);
  await file.write(buffer, 0, 1, at);
  await file.close();
}

async function hashes(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name !== 'seal.json').sort();
  const each = names.map(async (name) => {
    const bytes = await readFile(join(folder, name));
    return [name, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(each));
}

test('a changed bit in any file, the manifest and the seal included, is found: 200 of 200', async (t) => {
  const { folder } = await withModel(t, { path: tinyCheckpoint, precision: 'int4' });
  const random = createRandom(6);
  const names = await readdir(folder);
  assert.ok(names.includes('seal.json') && names.includes('manifest.json'));
  assert.deepEqual(await findDamagedFiles(folder), []);
  for (let flip = 0; flip < 200; flip++) {
    const name = names[flip % names.length]!;
    const path = join(folder, name);
    const at = Math.floor(random() * (await stat(path)).size);
    await flipByte(path, at);
    assert.deepEqual(await findDamagedFiles(folder), [name], `${name} at ${at}`);
    // A load reads whole only what has another time of change; the seal is then written anew.
    if (name !== 'seal.json')
      await assert.rejects(refuseDamagedFolder(folder), { code: 'model_folder_broken' }, `${name} at ${at}`);
    await flipByte(path, at);
    assert.deepEqual(await findDamagedFiles(folder), [], `${name} at ${at}`);
  }
});

test('each damaged file is made again from the checkpoint, and the others stay as they are', async (t) => {
  const { folder, repair, opened, id } = await withModel(t, { path: tinyCheckpoint, precision: 'int4' });
  const before = await hashes(folder);
  for (const name of Object.keys(before)) {
    const times = new Map<string, bigint>();
    for (const other of Object.keys(before))
      times.set(other, (await stat(join(folder, other), { bigint: true })).mtimeNs);
    await flipByte(join(folder, name), 100);
    assert.deepEqual(await repair(), [name]);
    assert.deepEqual(await hashes(folder), before);
    for (const [other, time] of times)
      if (other !== name) assert.equal((await stat(join(folder, other), { bigint: true })).mtimeNs, time);
  }
  await rm(join(folder, 'decoder.bin'));
  await appendFile(join(folder, 'tokens.bin'), 'more');
  assert.deepEqual(
    (await opened.listBroken()).map((broken) => broken.id),
    [id],
  );
  assert.deepEqual(await repair(), ['decoder.bin', 'tokens.bin']);
  assert.deepEqual(await hashes(folder), before);
  assert.deepEqual(await opened.listBroken(), []);
  assert.deepEqual(await repair(), []);
});

test('an imported export is mended from the export', async (t) => {
  const { source } = await makeTinyExport(t);
  const { folder, repair, opened } = await withModel(t, { path: source, precision: 'int4' });
  const [, model] = await opened.list();
  assert.match(model!.notes.join(), /imported: vision_encoder\.onnx/);
  const before = await hashes(folder);
  for (const name of ['vision.onnx', 'vision-1.bin', 'decoder-1.bin', 'tokens.bin', 'tokenizer.json']) {
    await flipByte(join(folder, name), 50);
    assert.deepEqual(await repair(), [name]);
    assert.deepEqual(await hashes(folder), before, name);
  }
});

test('a broken seal alone costs a reading of all files, and is written anew', async (t) => {
  const { folder } = await withModel(t, { path: tinyCheckpoint, precision: 'int8' });
  await writeFile(join(folder, 'seal.json'), 'no seal');
  await refuseDamagedFolder(folder);
  assert.deepEqual(await findDamagedFiles(folder), []);
  await writeFile(join(folder, 'seal.json'), 'no seal');
  await flipByte(join(folder, 'vision.bin'), 9000);
  await assert.rejects(refuseDamagedFolder(folder), { code: 'model_folder_broken', message: /vision\.bin/ });
});

test('where the checkpoint has gone or is another one, it is said and nothing is changed', async (t) => {
  const checkpoint = join(await temporaryFolder(t), 'made-of-this');
  await cp(tinyCheckpoint, checkpoint, { recursive: true });
  const { folder, repair } = await withModel(t, { path: checkpoint, precision: 'int8' });
  await flipByte(join(folder, 'decoder.bin'), 100);
  const damaged = await hashes(folder);
  await rename(checkpoint, `${checkpoint}-elsewhere`);
  await assert.rejects(repair(), { code: 'not_found', message: /made-of-this.*not on this machine/ });
  await cp(`${checkpoint}-elsewhere`, checkpoint, { recursive: true });
  const { size } = await stat(join(checkpoint, 'model.safetensors'));
  for (let at = size - 200_000; at < size; at += 997)
    await flipByte(join(checkpoint, 'model.safetensors'), at);
  await assert.rejects(repair(), { code: /invalid_request|checkpoint_broken/ });
  assert.deepEqual(await hashes(folder), damaged);
  await rm(checkpoint, { recursive: true });
  await rename(`${checkpoint}-elsewhere`, checkpoint);
  assert.deepEqual(await repair(), ['decoder.bin']);
});

test('of what lies on the Hub only the shards that the damaged file was made from are fetched again', async (t) => {
  const checkpoint = join(import.meta.dirname, '../golden/checkpoints/g4-d32-t84-fp16-tied-shards');
  const names = await readdir(checkpoint);
  const each = names.map(async (name) => [name, await readFile(join(checkpoint, name))] as const);
  const hub = await startMockHub(Object.fromEntries(await Promise.all(each)));
  t.after(() => hub.close());
  const origin = { type: 'hub' as const, repository: 'owner/name', commit: hub.commit, license: null };
  const { opened, id, folder, place } = await withModel(t, { path: checkpoint, precision: 'int8', origin });
  const before = await hashes(folder);
  const fetched = async (name: string) => {
    hub.requests.length = 0;
    await flipByte(join(folder, name), 100);
    const mended = await opened.repair(id, {
      ...quiet,
      openOrigin: async (found, damaged) => {
        const openHub = async () => describeHub({ endpoint: hub.origin });
        const from = await openOrigin(found, { ...place, damaged, openHub });
        t.after(() => from.close());
        return from.folder;
      },
    });
    assert.deepEqual(mended, [name]);
    assert.deepEqual(await hashes(folder), before, name);
    const weights = hub.requests.flatMap(
      ({ path }) => /(model-\d{5})\S*\.safetensors$/.exec(path)?.[1] ?? [],
    );
    return [...new Set(weights)].sort();
  };
  assert.deepEqual(await fetched('tokenizer.json'), [], 'no weights at all');
  assert.deepEqual(await fetched('vision.bin'), ['model-00001']);
  assert.ok((await fetched('decoder.bin')).length > 1, 'its layers lie in several');
  assert.equal((await fetched('tokens.bin')).length, 1);
});
