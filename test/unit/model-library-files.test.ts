/** Archives that lie, moves that are stopped, models that lie idle: what touches a person's files and memory. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue, estimateEntry } from '../../main/service/models/catalogue.ts';
import { watchIdleModel } from '../../main/service/models/idle-unload.ts';
import { isImportedFile } from '../../main/service/models/imported-files.ts';
import { fitOf } from '../../main/service/models/judge-repository.ts';
import { moveLibrary } from '../../main/service/models/move-library.ts';
import { unpackZip } from '../../main/service/models/unpack-zip.ts';
import { formatTimeLeft, jobShare } from '../../renderer/features/models/describe-job.ts';
import { type MadeEntry, makeZip } from '../support/make-zip.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const never = new AbortController().signal;

async function unpack(t: test.TestContext, archive: Uint8Array) {
  const place = await temporaryFolder(t);
  const path = join(place, 'made.zip');
  const folder = join(place, 'out', 'model');
  await writeFile(path, archive);
  const wants = (name: string) => name.endsWith('.json') || name.endsWith('.bin');
  const work = unpackZip({ archive: path, folder, copyBytes: 0, wants, onProgress: () => {}, signal: never });
  return { place, folder, work };
}

const config: MadeEntry = { name: 'config.json', content: '{"a": 1}' };

test('an archive is unpacked by base names, stored and packed, and nothing leaves the folder', async (t) => {
  const archive = makeZip([
    { ...config, name: 'model/config.json' },
    { name: 'model/weights.bin', content: new Uint8Array(100_000).fill(7), stored: true },
    { name: '../../../evil.json', content: '{}' },
    { name: 'model/run.py', content: 'print()' },
  ]);
  const { place, folder, work } = await unpack(t, archive);
  await work;
  assert.deepEqual((await readdir(folder)).sort(), ['config.json', 'weights.bin']);
  assert.equal((await readFile(join(folder, 'weights.bin'))).length, 100_000);
  assert.deepEqual((await readdir(place)).sort(), ['made.zip', 'out']);
});

test('an archive of an export keeps the one folder its graphs lie in', async (t) => {
  const place = await temporaryFolder(t);
  const archive = join(place, 'made.zip');
  const folder = join(place, 'model');
  const graph = (name: string) => ({ name, content: 'graph' });
  const entries = [
    { ...config, name: 'phi/config.json' },
    graph('phi/onnx/decoder_model_merged_q4.onnx'),
    graph('phi/onnx/decoder_model_merged_q4.onnx_data'),
    graph('phi/onnx/../../evil.onnx'),
    graph('phi/onnx/deeper/decoder_model_merged.onnx'),
    graph('phi/other/decoder_model_merged.onnx'),
  ];
  await writeFile(archive, makeZip(entries));
  const wants = isImportedFile;
  await unpackZip({ archive, folder, copyBytes: 0, wants, onProgress: () => {}, signal: never });
  assert.deepEqual((await readdir(folder, { recursive: true })).sort(), [
    'config.json',
    'onnx',
    'onnx/decoder_model_merged_q4.onnx',
    'onnx/decoder_model_merged_q4.onnx_data',
  ]);
  assert.deepEqual((await readdir(place)).sort(), ['made.zip', 'model']);
});

test('an archive that lies about a size, a checksum, or its length leaves nothing behind', async (t) => {
  const whole = makeZip([config, { name: 'w.bin', content: 'weights'.repeat(500) }]);
  const flipped = Buffer.from(whole);
  flipped[45] = flipped[45]! ^ 0xff; // within the packed bytes of config.json
  const lying = [
    makeZip([{ ...config, declaredBytes: 3 }]),
    makeZip([{ ...config, declaredBytes: 900 }]),
    makeZip([{ name: 'bomb.json', content: ' '.repeat(3_000_000) }]),
    flipped,
    whole.subarray(0, whole.length - 30),
    Buffer.from('no archive at all'),
  ];
  for (const [index, archive] of lying.entries()) {
    const { folder, work } = await unpack(t, archive);
    await assert.rejects(work, { code: 'media_broken' }, `archive ${index}`);
    assert.deepEqual(await readdir(join(folder, '..')).catch(() => []), [], `archive ${index}`);
  }
  const honest = await unpack(t, whole);
  await honest.work; // the control: the same archive, unharmed
});

test('encrypted archives, two files of one name, and archives without a model are refused by name', async (t) => {
  for (const [entries, code] of [
    [[{ ...config, encrypted: true }], 'password_needed'],
    [[config, config], 'path_refused'],
    [[{ name: 'letter.txt', content: 'hi' }], 'checkpoint_broken'],
  ] as const) {
    const { work } = await unpack(t, makeZip(entries));
    await assert.rejects(work, { code });
  }
});

test('a move that is stopped leaves the old library whole and nothing at the new place', async (t) => {
  const from = await temporaryFolder(t);
  const to = join(await temporaryFolder(t), 'new');
  await mkdir(join(from, 'model'));
  for (const name of ['a.bin', 'b.bin'])
    await writeFile(join(from, 'model', name), Buffer.alloc(3_000_000, 1));
  const stop = new AbortController();
  let switched = false;
  const move = () =>
    moveLibrary({
      from,
      to,
      signal: stop.signal,
      onProgress: (done) => done > 4_000_000 && stop.abort(),
      onCopied: async () => {
        switched = true;
      },
    });
  await assert.rejects(move(), { name: 'AbortError' });
  assert.equal(switched, false);
  assert.deepEqual(await readdir(to), []);
  assert.deepEqual((await readdir(join(from, 'model'))).sort(), ['a.bin', 'b.bin']);
  await assert.rejects(
    moveLibrary({ from, to: join(from, 'inside'), signal: never, onProgress() {}, onCopied: async () => {} }),
    { code: 'invalid_request' },
  );
});

test('an idle model is unloaded after its minutes, a used one and one without a limit are not', async () => {
  const watched = (minutes: number | null, use: boolean) => {
    let usedMs = performance.now();
    let unloads = 0;
    const service = {
      idleSinceMs: () => (unloads > 0 ? null : usedMs),
      minutes: () => minutes,
      unload: async () => void unloads++,
    };
    const watch = watchIdleModel(service, { pollMs: 5, minuteLengthMs: 40 });
    const using = setInterval(() => {
      if (use) usedMs = performance.now();
    }, 5);
    return () => {
      watch.stop();
      clearInterval(using);
      return unloads;
    };
  };
  const ends = [watched(1, false), watched(1, true), watched(null, false)];
  await sleep(150);
  assert.deepEqual(
    ends.map((end) => end()),
    [1, 0, 0],
  );
});

test('estimates follow from the published shapes: the 1B at int4 as it was converted', () => {
  const small = estimateEntry(catalogue.find(({ repository }) => repository === 'OpenGVLab/InternVL3-1B')!);
  // A checkpoint of this shape was converted to 929,915,607 bytes.
  assert.ok(Math.abs(small.diskBytes / 929_915_607 - 1) < 0.05, `${small.diskBytes}`);
  const machine = { memoryBytes: 16e9, freeDiskBytes: 100e9 };
  const fits = catalogue.map((entry) => fitOf({ ...estimateEntry(entry), fetchBytes: 0 }, machine).memory);
  assert.equal(fits[0], 'fits');
  assert.equal(fitOf({ ...small, fetchBytes: 99.5e9 }, machine).hasDisk, false);
  const largest = catalogue.findIndex(({ size }) => size === '78B');
  assert.equal(fits[largest], 'too-large');
});

test('a job’s figures read as people say them', () => {
  assert.equal(jobShare({ done: 5, total: 0 }), null);
  assert.equal(jobShare({ done: 5, total: 10 }), 0.5);
  assert.equal(formatTimeLeft(40_000, 'en'), '40 sec');
  assert.equal(formatTimeLeft(61 * 60_000, 'en'), '61 min');
  assert.equal(formatTimeLeft(3 * 3_600_000, 'en'), '3 hr');
});
