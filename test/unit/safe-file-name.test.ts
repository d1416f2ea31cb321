import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openCheckpointWeights } from '../../native-models/weights/checkpoint-weights.ts';
import { isSafeFileName, resolveInFolder } from '../../native-models/weights/safe-file-name.ts';
import { openSafetensors } from '../../native-models/weights/safetensors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { traceOpens } from '../support/trace-opens.ts';
import { writeSafetensors } from '../support/write-safetensors.ts';

const shard = new Map([['a', { dtype: 'U8', shape: [1], bytes: Uint8Array.of(7) }]]);

const separators = [
  '/',
  '\\',
  '\0',
  ':',
  '%2e',
  '%2f',
  '~',
  '*',
  '?',
  '"',
  '<',
  '|',
  '\n',
  '\r',
  ' ',
  '\u202e',
];
const lookAlikes = ['\u2215', '\uff0f', '\u2024', 'é', 'e\u0301', '文', '\ud800'];

/** Names an index may not hold; `outside` is the path of a good shard outside the folder. */
function hostileNames(outside: string): string[] {
  return [
    '',
    ...['.', '..', '...', './', '../', '..\\', 'a..b', '..a', 'a..', 'model.safetensors.'],
    ...[outside, `file://${outside}`, `../${basename(outside)}`, `..\\${basename(outside)}`],
    ...[`./../${basename(outside)}`, `inner/../../${basename(outside)}`, `..%2f${basename(outside)}`],
    ...['/etc/passwd', '~/.ssh/id_rsa', '/dev/zero', '/proc/self/environ', '..../model', '.../model'],
    ...[
      'C:\\Windows\\win.ini',
      'C:model.safetensors',
      '\\\\server\\share\\model',
      '\\\\?\\C:\\model',
      '//server/share',
    ],
    ...[
      'NUL',
      'con',
      'aux.safetensors',
      'COM1',
      'lpt9.txt',
      'prn.',
      'model.safetensors::$DATA',
      'inner/one.safetensors',
    ],
    ...['x'.repeat(201), 'x'.repeat(300), `${'../'.repeat(60)}etc/passwd`],
    ...separators.flatMap((part) => [
      `${part}model.safetensors`,
      `model${part}.safetensors`,
      `model.safetensors${part}`,
      `..${part}${basename(outside)}`,
    ]),
    ...lookAlikes.flatMap((part) => [`${part}.safetensors`, `..${part}${basename(outside)}`]),
  ];
}

/** Every file below a folder with its content. */
function snapshot(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map(({ parentPath, name }) => [
      join(parentPath, name),
      readFileSync(join(parentPath, name), 'base64'),
    ]),
  );
}

/** A checkpoint folder beside a good shard that does not belong to it. */
async function plantOutside(t: TestContext) {
  const root = await temporaryFolder(t);
  const folder = join(root, 'checkpoint');
  const outside = join(root, 'outside.safetensors');
  mkdirSync(join(folder, 'inner'), { recursive: true });
  await writeSafetensors(outside, shard);
  await writeSafetensors(join(folder, 'inner', 'one.safetensors'), shard);
  return { root, folder, outside };
}

const nameShard = (folder: string, name: string) =>
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { a: name } }));

test('hostile names in an index open nothing but the index and write nothing', async (t) => {
  const { root, folder, outside } = await plantOutside(t);
  const names = hostileNames(outside);
  assert.ok(new Set(names).size >= 100, `${new Set(names).size} names`);
  const opened = traceOpens(t);
  for (const name of names) {
    assert.equal(isSafeFileName(name), false, JSON.stringify(name));
    await assert.rejects(resolveInFolder(folder, name), { code: 'path_refused' }, JSON.stringify(name));
    nameShard(folder, name);
    const before = snapshot(root);
    const code = name.isWellFormed() ? 'path_refused' : 'checkpoint_broken';
    await assert.rejects(openCheckpointWeights(folder), { code }, JSON.stringify(name));
    assert.deepEqual(snapshot(root), before);
  }
  assert.deepEqual(new Set(opened.map((path) => basename(path))), new Set(['model.safetensors.index.json']));
  t.diagnostic(`${names.length} names refused, ${opened.length} opens, all of the index`);
});

test('without the guard the file outside is opened, and seen to be (negative control)', async (t) => {
  const { folder, outside } = await plantOutside(t);
  const opened = traceOpens(t);
  const file = await openSafetensors(join(folder, `../${basename(outside)}`));
  assert.deepEqual([...(await file.read('a'))], [7]);
  await file.close();
  assert.deepEqual(opened.map(dirname), [dirname(outside)]);
});

test('the names of published checkpoints pass (negative control)', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of [
    'model.safetensors',
    'model-00001-of-00004.safetensors',
    'weights_v1.5.safetensors',
    'console',
  ]) {
    await writeSafetensors(join(folder, name), shard);
    assert.equal(await resolveInFolder(folder, name), join(folder, name));
  }
});

test('links planted in the folder are refused, and what they point to is never opened', async (t) => {
  const { root, folder, outside } = await plantOutside(t);
  symlinkSync(outside, join(folder, 'absolute.safetensors'));
  symlinkSync('../outside.safetensors', join(folder, 'relative.safetensors'));
  symlinkSync('inner/one.safetensors', join(folder, 'inward.safetensors'));
  symlinkSync('relative.safetensors', join(folder, 'chained.safetensors'));
  symlinkSync('itself.safetensors', join(folder, 'itself.safetensors'));
  symlinkSync('nowhere', join(folder, 'dangling.safetensors'));
  symlinkSync('/dev/zero', join(folder, 'device.safetensors'));
  symlinkSync('inner', join(folder, 'folder.safetensors'));
  const before = snapshot(root);
  const opened = traceOpens(t);
  for (const name of [
    'absolute',
    'relative',
    'inward',
    'chained',
    'itself',
    'dangling',
    'device',
    'folder',
    'inner',
  ]) {
    const full = name === 'inner' ? name : `${name}.safetensors`;
    nameShard(folder, full);
    await assert.rejects(openCheckpointWeights(folder), { code: 'path_refused' }, name);
  }
  assert.deepEqual(new Set(opened.map((path) => basename(path))), new Set(['model.safetensors.index.json']));
  before.delete(join(folder, 'model.safetensors.index.json'));
  const after = snapshot(root);
  after.delete(join(folder, 'model.safetensors.index.json'));
  assert.deepEqual(after, before);
});

/** The cache of Hugging Face's tools: hub/models--x--y/{blobs,snapshots/<commit>}. */
async function hubCache(t: TestContext) {
  const root = await temporaryFolder(t);
  const commit = join(root, 'snapshots', 'abc');
  mkdirSync(commit, { recursive: true });
  mkdirSync(join(root, 'blobs', 'inner'), { recursive: true });
  await writeSafetensors(join(root, 'blobs', 'cafe'), shard);
  await writeSafetensors(join(root, 'blobs', 'inner', 'deep'), shard);
  await writeSafetensors(join(root, 'secret'), shard);
  return { root, commit };
}

test('links of Hugging Face’s cache are read, for shards as for a single file', async (t) => {
  const { root, commit } = await hubCache(t);
  symlinkSync('../../blobs/cafe', join(commit, 'one.safetensors'));
  nameShard(commit, 'one.safetensors');
  assert.equal(await resolveInFolder(commit, 'one.safetensors'), join(root, 'blobs', 'cafe'));
  const sharded = await openCheckpointWeights(commit);
  assert.equal(sharded.tensors.get('a')?.file, 'one.safetensors');
  await sharded.close();
  symlinkSync('../../blobs/cafe', join(commit, 'model.safetensors'));
  const single = await openCheckpointWeights(commit);
  assert.equal(single.tensors.get('a')?.file, 'model.safetensors');
  await single.close();
});

test('a cache that is only made to look like one leads nowhere', async (t) => {
  const { root, commit } = await hubCache(t);
  symlinkSync('../../secret', join(commit, 'planted.safetensors'));
  symlinkSync('../../blobs/inner/deep', join(commit, 'deep.safetensors'));
  symlinkSync('../../blobs/inner', join(commit, 'folder.safetensors'));
  symlinkSync(join(root, 'secret'), join(root, 'blobs', 'hop'));
  symlinkSync('../../blobs/hop', join(commit, 'hop.safetensors'));
  const other = join(root, 'models', 'abc');
  mkdirSync(other, { recursive: true });
  symlinkSync('../../blobs/cafe', join(other, 'elsewhere.safetensors'));
  for (const name of ['planted', 'deep', 'folder', 'hop'])
    await assert.rejects(resolveInFolder(commit, `${name}.safetensors`), { code: 'path_refused' }, name);
  await assert.rejects(resolveInFolder(other, 'elsewhere.safetensors'), { code: 'path_refused' });
});

test('a blobs folder that is itself a link leads nowhere', async (t) => {
  const root = await temporaryFolder(t);
  const commit = join(root, 'hub', 'snapshots', 'abc');
  mkdirSync(commit, { recursive: true });
  mkdirSync(join(root, 'private'));
  await writeSafetensors(join(root, 'private', 'key'), shard);
  symlinkSync('../private', join(root, 'hub', 'blobs'));
  symlinkSync('../../blobs/key', join(commit, 'one.safetensors'));
  await assert.rejects(resolveInFolder(commit, 'one.safetensors'), { code: 'path_refused' });
});

test('a hard link is the file itself, and an absent file is a broken checkpoint', async (t) => {
  const { folder, outside } = await plantOutside(t);
  linkSync(outside, join(folder, 'hard.safetensors'));
  assert.equal(await resolveInFolder(folder, 'hard.safetensors'), join(folder, 'hard.safetensors'));
  await assert.rejects(resolveInFolder(folder, 'absent.safetensors'), {
    code: 'checkpoint_broken',
    message: /absent\.safetensors is missing/,
  });
});
