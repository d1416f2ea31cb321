import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRandom } from '../../native-models/inference/random.ts';
import { openSafetensors } from '../../native-models/weights/safetensors.ts';
import { AppError } from '../../preload/contract/errors.ts';
import {
  brokenFrames,
  brokenTensors,
  entryOf,
  f32Entry,
  fileOfEntry,
  goodBody,
  goodHeader,
} from '../support/broken-safetensors.ts';
import { naiveReaderAccepts } from '../support/naive-safetensors-reader.ts';
import { mutateSafetensors } from '../support/safetensors-mutants.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { safetensorsBytes } from '../support/write-safetensors.ts';

/** The error a file is refused with, or null; every tensor of an accepted one is read. */
async function refusalOf(path: string, bytes: Uint8Array): Promise<AppError | null> {
  writeFileSync(path, bytes);
  try {
    const file = await openSafetensors(path);
    for (const [name, { sizeBytes }] of file.tensors) assert.equal((await file.read(name)).length, sizeBytes);
    await file.close();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

test('a right file gives its tensors and their ranges', async (t) => {
  const path = join(await temporaryFolder(t), 'model.safetensors');
  writeFileSync(
    path,
    safetensorsBytes(`{"__metadata__":{"format":"pt"},${goodHeader.slice(1)}   `, goodBody),
  );
  const file = await openSafetensors(path);
  t.after(() => file.close());
  assert.deepEqual([...file.tensors.keys()], ['a', 'b']);
  assert.deepEqual([...(await file.read('b'))], [16, 17, 18]);
  assert.deepEqual([...(await file.readRange('a', 4, 3))], [4, 5, 6]);
  assert.deepEqual([...(await file.readRange('a', 16, 0))], []);
  await assert.rejects(file.read('c'), { code: 'tensor_missing', message: /model\.safetensors.*"c"/ });
  for (const [start, size] of [
    [2, 2],
    [-1, 1],
    [0, -1],
    [0.5, 1],
    [0, Number.NaN],
  ] as const)
    await assert.rejects(file.readRange('b', start, size), RangeError);
});

test('files that are odd but right are accepted (negative control)', async (t) => {
  const path = join(await temporaryFolder(t), 'model.safetensors');
  const right: Record<string, Uint8Array> = {
    plain: safetensorsBytes(goodHeader, goodBody),
    'no tensors': safetensorsBytes('{}', new Uint8Array(0)),
    'spaces behind': safetensorsBytes(`${goodHeader}      `, goodBody),
    'a scalar': fileOfEntry(f32Entry('[]', '[0,4]'), 4),
    'an empty tensor': fileOfEntry(f32Entry('[0,7]', '[0,0]'), 0),
    'thirty axes': fileOfEntry(f32Entry(`[${'1,'.repeat(29)}4]`, '[0,16]')),
    'two 4-bit values in a byte': fileOfEntry(entryOf('"F4"', '[2]', '[0,1]'), 1),
    'four 6-bit values in three bytes': fileOfEntry(entryOf('"F6_E3M2"', '[2,2]', '[0,3]'), 3),
    'a complex number': fileOfEntry(entryOf('"C64"', '[1]', '[0,8]'), 8),
    'fields in another order': fileOfEntry('{"data_offsets":[0,4],"shape":[1],"dtype":"F32"}', 4),
    'escaped names': safetensorsBytes(`{"\\u00e9\\n":${f32Entry('[4]', '[0,16]')}}`, new Uint8Array(16)),
    'tensors out of order': safetensorsBytes(
      `{"b":${f32Entry('[1]', '[4,8]')},"a":${f32Entry('[1]', '[0,4]')}}`,
      new Uint8Array(8),
    ),
  };
  for (const [what, bytes] of Object.entries(right)) assert.equal(await refusalOf(path, bytes), null, what);
});

test('names that mean something to JavaScript are only names', async (t) => {
  const path = join(await temporaryFolder(t), 'model.safetensors');
  const entry = entryOf('"U8"', '[1]', '[0,1]');
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) {
    writeFileSync(path, safetensorsBytes(`{"${name}":${entry}}`, new Uint8Array(1)));
    const file = await openSafetensors(path);
    assert.deepEqual([...file.tensors.keys()], [name]);
    assert.deepEqual([...(await file.read(name))], [0]);
    await file.close();
  }
});

const broken = Object.entries({ ...brokenFrames, ...brokenTensors });

test(`${broken.length} broken headers are all refused as a broken checkpoint, by file and tensor`, async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'model.safetensors');
  assert.ok(broken.length >= 60);
  for (const [what, bytes] of broken) {
    const refusal = await refusalOf(path, bytes);
    assert.equal(refusal?.code, 'checkpoint_broken', what);
    assert.match(refusal.message, /model\.safetensors/, what);
    assert.ok(!refusal.message.includes(folder), what);
    if (Object.hasOwn(brokenTensors, what)) assert.match(refusal.message, /tensor "a"/, what);
  }
});

test('a reader on JSON.parse takes many of them (negative control)', () => {
  const taken = broken.filter(([, bytes]) => naiveReaderAccepts(bytes)).map(([what]) => what);
  assert.ok(taken.length >= 30, `only ${taken.length}`);
  for (const what of [
    'a duplicate tensor',
    'an overlap',
    'a size with an exponent',
    'bytes behind the last tensor',
  ])
    assert.ok(taken.includes(what), what);
});

test('a name made to confuse a terminal or a log is shown harmlessly', async (t) => {
  const path = join(await temporaryFolder(t), 'model.safetensors');
  const header = JSON.stringify({ [`\u001b[2J\u009b\u202e\n${'x'.repeat(500)}`]: 1 });
  const refusal = await refusalOf(path, safetensorsBytes(header, new Uint8Array(0)));
  assert.match(refusal!.message, /\\u001b\[2J\\u009b\\u202e\\nx+…/);
  assert.ok(refusal!.message.length < 300);
});

test('5 GB declared in 100 bytes are refused within 50 ms and 10 MB', async (t) => {
  const folder = await temporaryFolder(t);
  const paths = { good: join(folder, 'good'), lying: join(folder, 'lying') };
  writeFileSync(paths.good, safetensorsBytes(goodHeader, goodBody));
  const child = fileURLToPath(new URL('../support/refuse-lying-file.ts', import.meta.url));
  const costOf = (lie: Uint8Array, reader = 'strict') => {
    writeFileSync(paths.lying, lie);
    return JSON.parse(
      execFileSync(process.execPath, [child, paths.good, paths.lying, reader], { encoding: 'utf8' }),
    );
  };
  const longHeader = Buffer.alloc(100, '{ ');
  longHeader.writeBigUInt64LE(5_000_000_000n);
  const header90 = Buffer.alloc(100, '{ ');
  header90.writeBigUInt64LE(90_000_000n);
  const lies = [longHeader, header90, fileOfEntry(f32Entry('[1250000000]', '[0,5000000000]'), 20)];
  for (const lie of lies) {
    const { code, elapsedMs, grownBytes } = costOf(lie);
    t.diagnostic(`${elapsedMs.toFixed(1)} ms, ${(grownBytes / 1e6).toFixed(1)} MB`);
    assert.equal(code, 'checkpoint_broken');
    assert.ok(elapsedMs < 50, `${elapsedMs} ms`);
    assert.ok(grownBytes < 10e6, `${grownBytes} bytes`);
  }
  const control = costOf(longHeader, 'trusting');
  assert.ok(
    control.grownBytes > 100e6,
    'the measure sees a reader that believes the file (negative control)',
  );
});

test('a file cut after it was opened is noticed when it is read', async (t) => {
  const path = join(await temporaryFolder(t), 'model.safetensors');
  writeFileSync(path, safetensorsBytes(goodHeader, goodBody));
  const file = await openSafetensors(path);
  t.after(() => file.close());
  truncateSync(path, 8 + goodHeader.length + 10);
  assert.deepEqual([...(await file.readRange('a', 0, 10))], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await assert.rejects(file.read('a'), {
    code: 'checkpoint_broken',
    message: /model\.safetensors.*cut short/,
  });
});

test('what is missing or no plain file is a typed error that names no path, and a pipe is not waited for', async (t) => {
  const folder = await temporaryFolder(t);
  const refusal = async (name: string) => {
    const error = await openSafetensors(join(folder, name)).catch((thrown) => thrown);
    assert.ok(error instanceof AppError && !error.message.includes(folder), name);
    return error.code;
  };
  assert.equal(await refusal('none.safetensors'), 'file_unreadable');
  assert.equal(await refusal('.'), 'path_refused');
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [join(folder, 'pipe.safetensors')]);
  assert.equal(await refusal('pipe.safetensors'), 'path_refused');
});

/** Why a file that was accepted should not have been, by a second, slow reading of its header. */
function contradictionIn(bytes: Buffer): string | null {
  const bodyStart = 8 + Number(bytes.readBigUInt64LE(0));
  const header: object = JSON.parse(bytes.toString('utf8', 8, bodyStart));
  const owners = new Uint8Array(bytes.length - bodyStart);
  for (const [name, { data_offsets, shape, dtype }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [begin, end] = data_offsets;
    const bits =
      Number(/\d+/.exec(dtype === 'BOOL' ? '8' : dtype)![0]) *
      shape.reduce((a: number, b: number) => a * b, 1);
    if (!(begin >= 0 && end <= owners.length && (end - begin) * 8 === bits))
      return `${name} has another size`;
    for (let i = begin; i < end; i++) owners[i]!++;
  }
  return owners.every((count) => count === 1) ? null : 'a byte belongs to no tensor, or to two';
}

const mutations = Number(process.env.SAFETENSORS_MUTATIONS ?? 2000);

test(`${mutations} seeded mutations end in whole tensors or in a broken checkpoint, never in anything else`, async (t) => {
  const folder = await temporaryFolder(t);
  let accepted = 0;
  let naiveMistakes = 0;
  let number = 0;
  for (const bytes of mutateSafetensors(createRandom(20261123), mutations)) {
    const refusal = await refusalOf(join(folder, `${number++}.safetensors`), bytes);
    if (refusal) assert.equal(refusal.code, 'checkpoint_broken');
    else assert.equal(contradictionIn(bytes), null, bytes.toString());
    if (!refusal) accepted++;
    else if (naiveReaderAccepts(bytes)) naiveMistakes++;
  }
  t.diagnostic(
    `${accepted} accepted, ${mutations - accepted} refused; JSON.parse alone takes ${naiveMistakes} of these`,
  );
  assert.ok(accepted > mutations / 50 && accepted < mutations / 2);
  assert.ok(naiveMistakes > mutations / 10, 'the mutations are of the kind that hurts (negative control)');
});
