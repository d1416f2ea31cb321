import assert from 'node:assert/strict';
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openCheckpointWeights } from '../../native-models/weights/checkpoint-weights.ts';
import { floatsToBfloat16, floatsToHalf } from '../../native-models/weights/dtypes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type TensorToWrite, writeSafetensors } from '../support/write-safetensors.ts';

const bf16 = (...values: number[]): TensorToWrite => ({
  dtype: 'BF16',
  shape: [values.length],
  bytes: new Uint8Array(floatsToBfloat16(Float32Array.from(values)).buffer),
});
const f16 = (...values: number[]): TensorToWrite => ({
  dtype: 'F16',
  shape: [values.length],
  bytes: new Uint8Array(floatsToHalf(Float32Array.from(values)).buffer),
});
const f32 = (shape: number[], ...values: number[]): TensorToWrite => ({
  dtype: 'F32',
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

const writeIndex = (folder: string, index: unknown) =>
  writeFileSync(
    join(folder, 'model.safetensors.index.json'),
    typeof index === 'string' ? index : JSON.stringify(index),
  );

async function openSingle(t: TestContext, tensors: Record<string, TensorToWrite>) {
  const folder = await temporaryFolder(t);
  await writeSafetensors(join(folder, 'model.safetensors'), new Map(Object.entries(tensors)));
  const weights = await openCheckpointWeights(folder);
  t.after(() => weights.close());
  return weights;
}

test('all three float types become float32 exactly, whatever bytes lie before them', async (t) => {
  const weights = await openSingle(t, {
    odd: { dtype: 'U8', shape: [1], bytes: Uint8Array.of(7) },
    b: bf16(1.5, -2, 3.140625),
    h: f16(65504, -0.5, 6.103515625e-5),
    f: f32([2, 2], 1, 2, 3, 0.1),
  });
  assert.deepEqual([...(await weights.readFloat32('b', [3]))], [1.5, -2, 3.140625]);
  assert.deepEqual([...(await weights.readFloat32('h', [3]))], [65504, -0.5, 6.103515625e-5]);
  assert.deepEqual([...(await weights.readFloat32('f', [2, 2]))], [1, 2, 3, Math.fround(0.1)]);
  assert.deepEqual(weights.tensors.get('b'), { dtype: 'BF16', shape: [3], file: 'model.safetensors' });
});

test('rows pass in blocks that put together are the matrix', async (t) => {
  const values = Float32Array.from({ length: 35 }, (_, i) => i - 17);
  for (const tensor of [f32([7, 5], ...values), { ...bf16(...values), shape: [7, 5] }]) {
    const weights = await openSingle(t, { before: f16(1), matrix: tensor });
    for (const rowCount of [1, 2, 7]) {
      const rows: number[] = [];
      for (let row = 0; row < 7; row += rowCount)
        rows.push(...(await weights.readRowsFloat32('matrix', row, Math.min(rowCount, 7 - row))));
      assert.deepEqual(rows, [...values], `${tensor.dtype} by ${rowCount}`);
    }
    for (const [first, count] of [
      [-1, 1],
      [7, 1],
      [0, 8],
      [0, -1],
      [0.5, 1],
      [0, Number.NaN],
    ] as const)
      await assert.rejects(
        weights.readRowsFloat32('matrix', first, count),
        RangeError,
        `${first} + ${count}`,
      );
  }
});

test('a tensor that is missing, of another shape or of no float type is refused with its name and both shapes', async (t) => {
  const weights = await openSingle(t, {
    matrix: f32([2, 2], 1, 2, 3, 4),
    ids: { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) },
  });
  const missing = { code: 'tensor_missing', message: /"none"/ };
  await assert.rejects(weights.readFloat32('none', [1]), missing);
  await assert.rejects(weights.readRowsFloat32('none', 0, 1), missing);
  await assert.rejects(weights.readRowsFloat32('toString', 0, 1), { code: 'tensor_missing' });
  const ids = { code: 'tensor_mismatch', message: /"ids" in model\.safetensors.*I64/ };
  await assert.rejects(weights.readFloat32('ids', [1]), ids);
  await assert.rejects(weights.readRowsFloat32('ids', 0, 1), ids);
  for (const shape of [[4], [2, 3], [2, 2, 1], []]) {
    await assert.rejects(weights.readFloat32('matrix', shape), {
      code: 'tensor_mismatch',
      message: `The tensor "matrix" in model.safetensors has shape [2, 2], the config promises [${shape.join(', ')}].`,
    });
  }
});

test('shards behind an index read as one', async (t) => {
  const folder = await temporaryFolder(t);
  await writeSafetensors(
    join(folder, 'one.safetensors'),
    new Map([
      ['a', f32([1], 1)],
      ['__proto__', f32([1], 3)],
    ]),
  );
  await writeSafetensors(join(folder, 'two.safetensors'), new Map([['b', f32([1], 2)]]));
  writeIndex(
    folder,
    '{"metadata":{"total_size":12.0},"weight_map":{"a":"one.safetensors","__proto__":"one.safetensors","b":"two.safetensors"}}',
  );
  const weights = await openCheckpointWeights(folder);
  t.after(() => weights.close());
  assert.deepEqual([...(await weights.readFloat32('b', [1]))], [2]);
  assert.deepEqual([...(await weights.readFloat32('__proto__', [1]))], [3]);
  assert.deepEqual([weights.tensors.size, weights.tensors.get('b')?.file], [3, 'two.safetensors']);
});

test('of both forms in one folder the single file is read', async (t) => {
  const folder = await temporaryFolder(t);
  await writeSafetensors(join(folder, 'model.safetensors'), new Map([['a', f32([1], 1)]]));
  writeIndex(folder, { weight_map: { a: 'absent.safetensors' } });
  const weights = await openCheckpointWeights(folder);
  t.after(() => weights.close());
  assert.equal(weights.tensors.get('a')?.file, 'model.safetensors');
});

const contradictions: [code: string, message: RegExp, index: unknown][] = [
  ['path_refused', /outside its own folder/, { weight_map: { a: '../one.safetensors' } }],
  ['path_refused', /outside its own folder/, { weight_map: { a: 'one.safetensors', b: '/etc/passwd' } }],
  ['checkpoint_broken', /absent\.safetensors is missing/, { weight_map: { a: 'absent.safetensors' } }],
  [
    'checkpoint_broken',
    /one\.safetensors does not hold "b"/,
    { weight_map: { a: 'one.safetensors', b: 'one.safetensors' } },
  ],
  [
    'checkpoint_broken',
    /two\.safetensors holds "b", which it does not list/,
    { weight_map: { a: 'two.safetensors', c: 'one.safetensors' } },
  ],
  [
    'checkpoint_broken',
    /one\.safetensors holds "a", which it does not list/,
    { weight_map: { b: 'one.safetensors' } },
  ],
  [
    'checkpoint_broken',
    /"a", which it does not list there/,
    { weight_map: { a: 'one.safetensors', c: 'again.safetensors' } },
  ],
  ['checkpoint_broken', /more than file names/, { weight_map: { a: 1 } }],
  ['checkpoint_broken', /no tensors/, { weight_map: {} }],
  ['checkpoint_broken', /no weight_map/, { weight_map: [] }],
  ['checkpoint_broken', /no weight_map/, {}],
  ['checkpoint_broken', /no weight_map/, [1]],
  [
    'checkpoint_broken',
    /more than 500 files/,
    { weight_map: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [i, `${i}.safetensors`])) },
  ],
  ['checkpoint_broken', /duplicate key/, '{"weight_map":{"a":"one.safetensors","a":"two.safetensors"}}'],
  ['checkpoint_broken', /not valid/, '{'],
  ['checkpoint_broken', /not valid/, ''],
  [
    'checkpoint_broken',
    /two\.safetensors is broken/,
    { weight_map: { a: 'one.safetensors', b: 'broken-two.safetensors' } },
  ],
];

test('an index that contradicts its shards, or leaves the folder, is a typed error; no file stays open', async (t) => {
  const folder = await temporaryFolder(t);
  await writeSafetensors(join(folder, 'one.safetensors'), new Map([['a', f32([1], 1)]]));
  await writeSafetensors(join(folder, 'again.safetensors'), new Map([['a', f32([1], 1)]]));
  await writeSafetensors(join(folder, 'two.safetensors'), new Map([['b', f32([1], 1)]]));
  writeFileSync(join(folder, 'broken-two.safetensors'), 'weights');
  const openFiles = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
  const before = openFiles();
  for (const [code, message, index] of contradictions) {
    writeIndex(folder, index);
    await assert.rejects(
      openCheckpointWeights(folder),
      { code, message },
      JSON.stringify(index).slice(0, 100),
    );
  }
  assert.equal(openFiles(), before);
});

test('an index that is no text is refused', async (t) => {
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, 'model.safetensors.index.json'), Uint8Array.of(0x7b, 0xff, 0x7d));
  await assert.rejects(openCheckpointWeights(folder), { code: 'checkpoint_broken', message: /not UTF-8/ });
});

test('a folder without weights is said to be one, with what to do', async (t) => {
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, 'pytorch_model.bin'), 'pickle');
  await assert.rejects(openCheckpointWeights(folder), { code: 'not_found', message: /Choose the folder/ });
  await assert.rejects(openCheckpointWeights(join(folder, 'none')), { code: 'not_found' });
  symlinkSync('absent', join(folder, 'model.safetensors'));
  await assert.rejects(openCheckpointWeights(folder), {
    code: 'file_unreadable',
    message: /model\.safetensors/,
  });
});
