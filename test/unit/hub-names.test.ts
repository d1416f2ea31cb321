/** What a person types as a model's name, and what other programs have downloaded before. */
import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { describeHub } from '../../main/service/models/hub/hub-request.ts';
import { huggingFaceCache, listCachedCheckpoints } from '../../main/service/models/hub/hugging-face-cache.ts';
import { parseRepository } from '../../main/service/models/hub/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a name, a name with revision and a pasted address mean the repository', () => {
  const id = 'OpenGVLab/InternVL3-1B';
  for (const [text, revision] of [
    [id, null],
    [` ${id} `, null],
    [`${id}@v1.0`, 'v1.0'],
    [`https://huggingface.co/${id}`, null],
    [`https://huggingface.co/${id}/`, null],
    [`https://huggingface.co/${id}/tree/main`, 'main'],
    [`https://huggingface.co/${id}/blob/abc123/config.json?x=1#y`, 'abc123'],
  ] as const) {
    assert.deepEqual(parseRepository(text), { id, revision });
  }
});

test('nothing that could lead elsewhere passes as a name', () => {
  for (const text of [
    '',
    'x',
    'a/b/c',
    '../b',
    'a/..',
    'a/b@../c',
    'a/b@-x',
    'file:///etc/passwd',
    'a\\b/c',
    'a/b\0',
    'https://huggingface.co/datasets/a/b',
    'a/b@x//y',
    `a/${'b'.repeat(200)}`,
  ]) {
    assert.throws(() => parseRepository(text), { code: 'invalid_request' }, text);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        const { id, revision } = parseRepository(text);
        return !`${id}@${revision}`.includes('..') && /^[\w.-]+\/[\w.-]+$/.test(id);
      } catch {
        return true;
      }
    }),
    { seed: 3, numRuns: 500 },
  );
});

test('the Hub is reached by https, but for one on this machine', () => {
  assert.equal(describeHub({ endpoint: 'https://mirror.example/' }).endpoint, 'https://mirror.example');
  assert.equal(describeHub({ endpoint: 'http://127.0.0.1:8080' }).endpoint, 'http://127.0.0.1:8080');
  for (const endpoint of ['http://mirror.example', 'ftp://x', 'x', 'http://127.0.0.1.evil.test']) {
    assert.throws(() => describeHub({ endpoint }), { code: 'invalid_request' });
  }
});

test('whole checkpoints of Hugging Face’s cache are found, cut-off ones are not', async (t) => {
  const cache = await temporaryFolder(t);
  const snapshot = async (name: string, commit: string, files: Record<string, string | null>) => {
    const folder = join(cache, name, 'snapshots', commit);
    await mkdir(folder, { recursive: true });
    await mkdir(join(cache, name, 'blobs'), { recursive: true });
    for (const [file, text] of Object.entries(files)) {
      const blob = join(cache, name, 'blobs', `${commit.slice(0, 4)}-${file}`);
      if (text !== null) await writeFile(blob, text);
      await symlink(blob, join(folder, file));
    }
    return folder;
  };
  const index = JSON.stringify({
    weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
  });
  const [older, newer] = ['1'.repeat(40), '2'.repeat(40)];
  await snapshot('models--own--one', older, { 'config.json': '{}', 'model.safetensors': 'x' });
  const main = await snapshot('models--own--one', newer, { 'config.json': '{}', 'model.safetensors': 'x' });
  await mkdir(join(cache, 'models--own--one', 'refs'));
  await writeFile(join(cache, 'models--own--one', 'refs', 'main'), newer);
  await snapshot('models--own--cut', older, {
    'config.json': '{}',
    'model.safetensors.index.json': index,
    'model-00001-of-00002.safetensors': 'x',
    'model-00002-of-00002.safetensors': null,
  });
  await snapshot('datasets--own--set', older, { 'config.json': '{}', 'model.safetensors': 'x' });
  const found = await listCachedCheckpoints(cache);
  assert.deepEqual(
    found.map(({ repository, commit }) => [repository, commit]),
    [
      ['own/one', newer],
      ['own/one', older],
    ],
  );
  assert.equal(found[0]?.folder, main);
  assert.deepEqual(await listCachedCheckpoints(join(cache, 'nowhere')), []);
});

test('the cache lies where its own programs look for it', () => {
  assert.equal(huggingFaceCache({ HF_HUB_CACHE: '/c', HF_HOME: '/h' }), '/c');
  assert.equal(huggingFaceCache({ HF_HOME: '/h' }), join('/h', 'hub'));
  assert.equal(huggingFaceCache({ XDG_CACHE_HOME: '/x' }), join('/x', 'huggingface', 'hub'));
});
